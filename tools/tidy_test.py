"""Each check of tools/tidy.py finds what it is for, and leaves the rest alone."""
import unittest

import tidy

TABLE = tidy.read_modules('"base:"\n"os: base"\n"net: base os"\n"log: base os"\n')


class TidyTest(unittest.TestCase):
    def test_reads_the_module_table(self):
        self.assertEqual(TABLE["net"], {"base", "os"})

    def test_allows_what_the_table_allows(self):
        self.assertEqual(tidy.check_includes("log/a.cc", '#include "base/x.h"\n', TABLE), [])

    def test_finds_an_include_outside_the_table(self):
        found = tidy.check_includes("log/a.cc", '#include "net/x.h"\n', TABLE)
        self.assertEqual(found, [(1, "module log may not include net")])

    def test_finds_boost_outside_net(self):
        self.assertTrue(tidy.check_includes("log/a.cc", "#include <boost/asio.hpp>\n", TABLE))
        self.assertFalse(tidy.check_includes("net/a.cc", "#include <boost/asio.hpp>\n", TABLE))

    def test_finds_librdkafka_outside_client(self):
        table = {"base": set(), "client": {"base"}, "client/load": {"client"}}
        line = "#include <librdkafka/rdkafka.h>\n"
        self.assertTrue(tidy.check_includes("client/load/a.cc", line, table))
        self.assertFalse(tidy.check_includes("client/a.cc", line, table))

    def test_finds_a_bare_mutex(self):
        self.assertTrue(tidy.check_includes("log/a.cc", "std::mutex mu;\n", TABLE))

    def test_finds_system_calls_outside_os(self):
        for line in ("  ::open(path, 0);", "std::getenv(name)", "std::filesystem::exists(path)",
                     "std::ifstream in(path);", "std::chrono::steady_clock::now()",
                     "if (::kill(pid, SIGTERM) != 0)", "std::time(nullptr)"):
            self.assertTrue(tidy.check_system_calls("log/a.cc", line), line)
            self.assertFalse(tidy.check_system_calls("os/a.cc", line), line)
            self.assertFalse(tidy.check_system_calls("log/a_test.cc", line), line)
        for line in ("  ::send(fd, bytes);", "std::filesystem::path(a) / b", "log::Open(fs);",
                     "  fs.Open(path);", "// ::open(path) is what os does", "Log::open(x)",
                     "std::chrono::microseconds(5)"):
            self.assertFalse(tidy.check_system_calls("log/a.cc", line), line)

    def test_finds_a_source_without_a_header_of_its_own(self):
        headers = {"log/log.h", "log/commit_log.h"}
        self.assertEqual(tidy.check_own_header("log/commit_log.cc", headers), [])
        for path in ("log/pool.cc", "os/log.cc"):
            self.assertTrue(tidy.check_own_header(path, headers), path)
        for path in ("log/a_test.cc", "log/a_bench.cc", "log/a_fuzz.cc", "cli/main.cc",
                     "log/testing/a.cc", *tidy.WITHOUT_HEADER):
            self.assertEqual(tidy.check_own_header(path, headers), [], path)

    def test_finds_a_permission_that_nobody_uses(self):
        table = {"base": set(), "os": {"base"}, "app": {"base", "os"}}
        self.assertEqual(tidy.check_permissions([("os/a.h", '#include "base/x.h"\n')], table), [])
        self.assertEqual(tidy.check_permissions([("os/a.h", "")], table),
                         ["module os never includes base: take it off the row"])

    def test_finds_a_module_with_threads_that_nothing_watches(self):
        table = {"os": set(), "log": {"os"}, "worker/query": {"os"}, "api/kafka": {"os"}}
        line = '#include "os/thread.h"\n'
        sources = [("log/a.h", line), ("worker/query/a.cc", line), ("api/kafka/a.cc", line)]
        self.assertEqual(tidy.check_watched(sources, {"log_test": "*"}, table),
                         ["TSAN_TESTS has no tests of api/kafka, which has threads"])
        self.assertEqual(
            tidy.check_watched(sources, {"log_test": "*", "api_kafka_test": "*"}, table), [])
        self.assertEqual(tidy.check_watched([("log/a_test.cc", line)], {}, table), [])

    def test_finds_a_module_that_the_page_shows_otherwise(self):
        table = {"base": set(), "os": {"base"}, "app": {"base", "os"}}
        page = "| `base` | words | – |\n| `os` | files | base |\n| `app` | wiring | all |\n"
        self.assertEqual(tidy.check_module_page(page, table), [])
        for changed in (page.replace("| files | base |", "| files | – |"),
                        page.replace("| `os` | files | base |\n", "")):
            self.assertEqual(tidy.check_module_page(changed, table),
                             [(1, "its row of module os differs from cmake/modules.cmake")])
        self.assertEqual(tidy.check_module_page(page + "| `net` | ports | – |\n", table),
                         [(1, "its row of module net differs from cmake/modules.cmake")])

    def test_finds_a_label_inside_a_line(self):
        self.assertEqual(tidy.check_labels("// Threads: any.\n// Errors:  none.\n"), [])
        self.assertEqual(tidy.check_labels('x("// a. Errors: b");'), [])
        self.assertEqual(tidy.check_labels("// Reads it. Errors: none.\n"),
                         [(1, "the label Errors: begins its line")])
        self.assertTrue(tidy.check_labels("// Reads it. Source: KIP-98.\n"))

    def test_finds_a_cycle(self):
        self.assertIsNone(tidy.find_cycle(TABLE))
        self.assertEqual(tidy.find_cycle({"a": {"b"}, "b": {"a"}}), ["a", "b", "a"])

    def test_finds_a_long_function_and_only_that(self):
        body = "void F() {\n" + "  x();\n" * 70 + "}\n"
        self.assertTrue(tidy.check_sizes("log/a.cc", body))
        self.assertFalse(tidy.check_sizes("log/a.cc", body.replace("  x();\n", "", 10)))

    def test_finds_a_long_line_and_a_long_file(self):
        self.assertTrue(tidy.check_sizes("log/a.cc", "x" * 101 + "\n"))
        self.assertTrue(tidy.check_sizes("log/a.cc", "x;\n" * 501))
        self.assertFalse(tidy.check_sizes("log/a_test.cc", "x;\n" * 501))

    def test_finds_a_header_without_a_guard(self):
        self.assertTrue(tidy.check_sizes("log/a.h", "int x;\n"))

    def test_finds_banned_words(self):
        self.assertTrue(tidy.check_words("// TO" + "DO later"))
        self.assertTrue(tidy.check_words("cd /wo" + "rk/x"))
        self.assertFalse(tidy.check_words("network/x, homework"))

    def test_finds_a_dead_source(self):
        self.assertTrue(tidy.check_dead("log/gone.cc", "SRCS log.cc"))
        self.assertFalse(tidy.check_dead("log/log.cc", "SRCS log.cc"))

    def test_finds_a_link_to_nowhere(self):
        text = "see [a](docs/a.md#part), [b](https://example.org/b)\n[c](gone.md)\n"
        found = tidy.check_links(text, lambda target: target == "docs/a.md")
        self.assertEqual(found, [(2, "links to gone.md, which is not there")])

    def test_finds_a_file_that_a_document_names_and_that_is_gone(self):
        text = "see `src/a.h` and `src/gone.h`\n`src/<name>/x.h`, `a.cc`\n"
        found = tidy.check_paths(text, lambda target: target == "src/a.h")
        self.assertEqual(found, [(1, "names src/gone.h, which is not there")])

    def test_finds_an_invariant_without_its_test(self):
        page = "| I1 | a promise of `x` | `src/a.cc` | `{}`, `tests/crash` | yes |\nI1 is `Gone`\n"
        tests = [("LogTest", "Appends")]
        for there in ("LogTest", "LogTest.Appends"):
            self.assertEqual(tidy.check_invariants(page.format(there), tests), [], there)
        for gone in ("Gone", "LogTest.Gone"):
            self.assertEqual(tidy.check_invariants(page.format(gone), tests),
                             [(1, f"names the test {gone}, which is not there")])

    def test_finds_a_tracked_link(self):
        listing = "100644 00ff 0\ttools/a.py\n120000 00fe 0\t.deps\n"
        self.assertEqual([path for path, _ in tidy.check_modes(listing)], [".deps"])


if __name__ == "__main__":
    unittest.main()
