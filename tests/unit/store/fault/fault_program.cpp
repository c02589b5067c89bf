// Writes checkpoint number argv[2] at argv[1]; exits as the command line would.
#include "tests/unit/store/fault/fault_program.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/core/errors.hpp"

int main(int, char** argv) {
    try {
        proeftuin::write_checkpoint(argv[1], proeftuin::fault_checkpoint(std::atoi(argv[2])));
        return proeftuin::exit_code::ok;
    } catch (const proeftuin::IoError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return proeftuin::exit_code::io;
    }
}
