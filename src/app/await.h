// Blocks until work that answers by a callback is done.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <utility>

namespace st::app {

// Calls `begin` with a callback, and gives what the callback is called with, on whatever thread.
// Requires: the callback is called once.
template <typename T>
T Await(const std::function<void(std::function<void(T)>)>& begin) {
  const auto done = std::make_shared<std::promise<T>>();
  auto result = done->get_future();
  begin([done](T outcome) { done->set_value(std::move(outcome)); });
  return result.get();
}

}  // namespace st::app
