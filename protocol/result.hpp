#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "protocol/ensure.hpp"

namespace tallystick {

/// Wraps an error so that a function returning `Result` can say which side it means.
template <class E>
struct Failure {
    E error;
};

template <class E>
Failure(E) -> Failure<E>;

/// A value, or the reason why there is none. For the edges of the program: parsing, input and
/// output, the network. Reading the side that is not there is a bug and stops the process.
template <class T, class E>
class [[nodiscard]] Result {
  public:
    Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    template <class F>
        requires std::is_convertible_v<F, E>
    Result(Failure<F> failure) : content_(std::in_place_index<1>, std::move(failure.error)) {}

    [[nodiscard]] bool ok() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    [[nodiscard]] const T& value() const& {
        ensure(ok(), "value() of a failed Result");
        return *std::get_if<0>(&content_);
    }
    [[nodiscard]] T& value() & {
        ensure(ok(), "value() of a failed Result");
        return *std::get_if<0>(&content_);
    }
    [[nodiscard]] T&& value() && {
        ensure(ok(), "value() of a failed Result");
        return std::move(*std::get_if<0>(&content_));
    }
    [[nodiscard]] const E& error() const& {
        ensure(!ok(), "error() of a Result that holds a value");
        return *std::get_if<1>(&content_);
    }

    const T& operator*() const& { return value(); }
    T& operator*() & { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    const T* operator->() const { return &value(); }
    T* operator->() { return &value(); }

  private:
    std::variant<T, E> content_;
};

/// The same for functions that give nothing back.
template <class E>
class [[nodiscard]] Result<void, E> {
  public:
    Result() = default;
    template <class F>
        requires std::is_convertible_v<F, E>
    Result(Failure<F> failure) : error_(std::move(failure.error)) {}

    [[nodiscard]] bool ok() const noexcept { return !error_.has_value(); }
    explicit operator bool() const noexcept { return ok(); }
    [[nodiscard]] const E& error() const& {
        ensure(!ok(), "error() of a Result that holds a value");
        return *error_;
    }

  private:
    std::optional<E> error_;
};

}  // namespace tallystick
