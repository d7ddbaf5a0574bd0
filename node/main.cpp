#include "node/cli/command.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    try {
        return tallystick::node::cli::run_tallyd(argc, argv);
    } catch (const std::exception& error) {
        // Libraries throw where memory or the system fails; nothing of ours does.
        std::cerr << "tallyd: stopped by an error: " << error.what() << '\n';
        return 1;
    }
}
