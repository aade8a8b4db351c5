-- Players by their Host header, their requests made beforehand so that wrk costs little.
local requests, next = {}, 0
init = function()
  for i = 1, 1000 do
    requests[i] = wrk.format("GET", "/purchase_a_sword", { Host = "user" .. i .. ".comcast.com" })
  end
end
request = function()
  next = next % 1000 + 1
  return requests[next]
end
