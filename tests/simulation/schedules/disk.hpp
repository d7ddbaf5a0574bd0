#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "model/dice.hpp"

/// Disks that fail as they are told. The program that links disk.cpp has its own `open`, `pwrite`,
/// `fsync` and the like, so that every write of the store and of LMDB to a folder of a `Disk` comes
/// by here: it goes through to the file, where memory maps see it, and is remembered until a sync
/// covers it.
namespace tallystick::simulation {

/// The disk and the running kernel of one simulated machine: everything under one folder. One
/// thread at a time; LMDB's own threads may write while the one that waits for them does nothing.
class Disk {
  public:
    /// Makes the folder. @pre it does not exist
    explicit Disk(std::filesystem::path folder);
    /// Removes the folder.
    ~Disk();
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    [[nodiscard]] const std::filesystem::path& folder() const noexcept;

    /// While it is full every write fails with ENOSPC and leaves nothing.
    void set_full(bool full);
    [[nodiscard]] bool is_full() const noexcept;
    /// Has a write failed for want of space since this was called last?
    [[nodiscard]] bool take_want_of_space();
    /// The process is killed now: nothing more of it reaches the disk.
    void kill();

    /// The process dies instead of the write that is the `writes`th from now (1: the next one).
    /// From then on nothing that it does reaches the disk.
    void die_at_write(std::uint64_t writes);
    void cancel_death();
    [[nodiscard]] bool is_dead() const;
    /// The process that died is gone and another one may write.
    void revive();

    /// Writes, syncs, renamings and removals so far.
    [[nodiscard]] std::uint64_t steps() const;

    /// The machine loses its power: of what no sync covers, some is there, some is not, some is
    /// torn at a sector. It starts again with another boot id. @pre no file of it is open
    void lose_power(model::Dice& dice);
    /// Everything on it is gone. @pre no file of it is open
    void wipe();

    struct State;

  private:
    std::unique_ptr<State> state_;
};

/// While it lives, the kernel's boot id is that of this machine.
class OnMachine {
  public:
    explicit OnMachine(const Disk& disk);
    ~OnMachine();
    OnMachine(const OnMachine&) = delete;
    OnMachine& operator=(const OnMachine&) = delete;

  private:
    const Disk* before_;
};

}  // namespace tallystick::simulation
