// What a person does about damage that nothing but a copy repairs, in the words of each message.
#pragma once

#include <string_view>

namespace st {

inline constexpr std::string_view kRestoreRemedy =
    "stop the server and restore the data folder as a whole from a copy";

}  // namespace st
