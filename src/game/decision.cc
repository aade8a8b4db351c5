#include "game/decision.h"

#include "base/problem.h"

namespace st::game {

Reply Success(std::string body, int status) {
  Reply reply;
  reply.status = status;
  reply.body = std::move(body) + "\n";
  return reply;
}

Reply Refusal(int status, std::string_view code, std::string_view detail) {
  Reply reply;
  reply.status = status;
  reply.code = code;
  reply.content_type = kProblemType;
  reply.body = ProblemJson({.status = status, .code = code, .detail = detail});
  return reply;
}

}  // namespace st::game
