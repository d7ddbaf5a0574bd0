#pragma once

namespace tallystick::node {

/// From now on a process that dies because memory could not be read, or was found in disorder, says
/// what that means before it goes: the store's files are mapped into memory, and a damaged page in
/// one of them ends whoever follows it. The death itself stays what it was, for the supervisor and
/// a core dump. Call it once, before threads start.
void say_last_words();

}  // namespace tallystick::node
