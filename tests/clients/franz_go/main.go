// A program that uses franz-go, the usual Kafka client in Go. tests/go_program.py builds it.
//
//	franz_go life HOST:PORT [RELEASE]   topics, records, groups and settings, as programs use them
//	franz_go versions HOST:PORT         each version of each API that the server offers
//	franz_go members HOST:PORT PID COUNT SECONDS
//	                                    many members of one classic group
//	franz_go consumers HOST:PORT PID COUNT SECONDS
//	                                    many members of one group of the new protocol
//
// Prints what it saw as one line of JSON. What goes wrong on the way ends it with status 1.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: franz_go life|versions|members|consumers HOST:PORT [WORDS]; main.go lists the words")
		os.Exit(2)
	}
	saw, err := run(os.Args[1], os.Args[2], os.Args[3:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(saw)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(what, address string, words []string) (any, error) {
	switch what {
	case "life":
		return life(address, words)
	case "versions":
		return versions(address)
	case "members":
		return members(address, words)
	case "consumers":
		return consumers(address, words)
	}
	return nil, fmt.Errorf("unknown command %q", what)
}
