#!/usr/bin/env python3
"""Makes ed25519.json: signatures and keys at the edges of what is accepted.

The verdicts come from the arithmetic below, which shares nothing with the library that the ledger uses:
  envelope: the accept set of libsodium 1.0.18's crypto_sign_verify_detached
  commit:   that, and what ZIP-215 accepts

    make_ed25519_vectors.py          rewrites ed25519.json beside this file
    make_ed25519_vectors.py --cpp    prints the table of protocol/crypto_vectors.cpp
"""

import hashlib
import json
import pathlib
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1)


def add(a, b):
    k = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + k, P - 2, P) % P
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, P - 2, P) % P
    return x, y


def add_extended(a, b):
    """The same on (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z: without a division each time (RFC 8032, 5.1.4)."""
    p = (a[1] - a[0]) * (b[1] - b[0])
    q = (a[1] + a[0]) * (b[1] + b[0])
    r = 2 * a[3] * b[3] * D
    s = 2 * a[2] * b[2]
    e, f, g, h = q - p, s - r, s + r, q + p
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(n, point):
    total = (0, 1, 1, 0)
    step = (*point, 1, point[0] * point[1] % P)
    while n:
        if n & 1:
            total = add_extended(total, step)
        step = add_extended(step, step)
        n >>= 1
    inverse = pow(total[2], P - 2, P)
    return total[0] * inverse % P, total[1] * inverse % P


def negate(point):
    return -point[0] % P, point[1]


def x_of(y, sign):
    """The x with this sign; a sign of x = 0 is not looked at, as in ZIP-215 and libsodium."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * SQRT_M1 % P
    if x * x % P != square:
        return None
    return -x % P if x % 2 != sign else x


def encode(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decode(raw):
    number = int.from_bytes(raw, "little")
    y = number & (2**255 - 1)
    x = x_of(y % P, number >> 255)
    return None if x is None else (x, y % P)


BASE = (x_of(4 * pow(5, P - 2, P) % P, 0), 4 * pow(5, P - 2, P) % P)


def challenge(r, key, message):
    return int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L


def low_order_encodings():
    """The eight points whose order divides 8, and the six other encodings of them."""
    y8 = next(
        y for y in (decode(encode(multiply(L, p)))[1] for p in map(decode, (bytes([i]) + bytes(31) for i in range(2, 60))) if p)
        if multiply(4, (x_of(y, 0), y)) != IDENTITY
    )
    names = {
        "order 1": 1, "order 2": P - 1, "order 4": 0, "order 8 a": y8, "order 8 b": P - y8,
        "order 4, y = p": P, "order 1, y = p + 1": P + 1,
    }
    return {
        f"{name}, sign {sign}": (y | sign << 255).to_bytes(32, "little")
        for name, y in names.items() for sign in (0, 1)
    }


LOW_ORDER = low_order_encodings()
assert len(set(LOW_ORDER.values())) == 14
assert all(multiply(8, decode(raw)) == IDENTITY for raw in LOW_ORDER.values())


def envelope_accepts(key, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= L or r in LOW_ORDER.values() or key in LOW_ORDER.values():
        return False
    if int.from_bytes(key, "little") & (2**255 - 1) >= P:
        return False
    point = decode(key)
    if point is None:
        return False
    expected = add(multiply(s, BASE), negate(multiply(challenge(r, key, message), point)))
    return encode(expected) == r


def zip215_accepts(key, message, signature):
    r, s = decode(signature[:32]), int.from_bytes(signature[32:], "little")
    point = decode(key)
    if s >= L or r is None or point is None:
        return False
    k = challenge(signature[:32], key, message)
    return multiply(8, add(r, multiply(k, point))) == multiply(8, multiply(s, BASE))


def secret_of(seed):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    return (scalar & ((1 << 254) - 8)) | (1 << 254), digest[32:]


def sign(seed, message, key_torsion=IDENTITY, r_torsion=IDENTITY):
    scalar, prefix = secret_of(seed)
    key = encode(add(multiply(scalar, BASE), key_torsion))
    nonce = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    r = encode(add(multiply(nonce, BASE), r_torsion))
    s = (nonce + challenge(r, key, message) * scalar) % L
    return key, r + s.to_bytes(32, "little")


def vectors():
    seed = bytes(range(32))
    message = b"a credit is a claim on the supplier that promised it"
    torsion = decode(LOW_ORDER["order 8 a, sign 0"])
    key, good = sign(seed, message)
    s = int.from_bytes(good[32:], "little")

    def with_s(value):
        return good[:32] + value.to_bytes(32, "little")

    cases = [("a true signature", key, message, good)]
    cases.append(("of the empty message", *[sign(seed, b"")[0], b"", sign(seed, b"")[1]]))
    cases.append(("another message", key, message + b"!", good))
    cases.append(("another key", sign(bytes(32), message)[0], message, good))
    cases.append(("S + L", key, message, with_s(s + L)))
    cases.append(("S = L", key, message, with_s(L)))
    cases.append(("S = L + 1", key, message, with_s(L + 1)))
    cases.append(("S with the highest bit", key, message, with_s(s | 1 << 255)))
    cases.append(("S = 0", key, message, with_s(0)))
    cases.append(("one bit of R flipped", key, message, bytes([good[0] ^ 1]) + good[1:]))
    cases.append(("the sign bit of the key flipped", key[:31] + bytes([key[31] ^ 0x80]), message, good))
    cases.append(("a key that is not on the curve", next(
        bytes([i]) + bytes(31) for i in range(2, 60) if decode(bytes([i]) + bytes(31)) is None), message, good))
    cases.append(("an R that is not on the curve", key, message, next(
        bytes([i]) + bytes(31) for i in range(2, 60) if decode(bytes([i]) + bytes(31)) is None) + good[32:]))
    cases.append(("R with an eighth-order part", *[sign(seed, message, r_torsion=torsion)[0], message,
                                                   sign(seed, message, r_torsion=torsion)[1]]))
    # With a key outside the main subgroup the verdict hangs on the challenge: a multiple of 8 hides the torsion.
    found = {}
    for i in range(400):
        text = b"tally %d" % i
        mixed, signature = sign(seed, text, key_torsion=torsion)
        hidden = challenge(signature[:32], mixed, text) % 8 == 0
        found.setdefault(hidden, ("a key with an eighth-order part, " + ("hidden" if hidden else "showing"),
                                  mixed, text, signature))
    cases += [found[True], found[False]]
    # Non-canonical encodings that are no small-order points: y = p + 3 and above, where they are on the curve.
    for offset in range(2, 19):
        raw = (P + offset).to_bytes(32, "little")
        if decode(raw) and multiply(8, decode(raw)) != IDENTITY:
            cases.append((f"key with y = p + {offset}", raw, message, good))
            cases.append((f"R with y = p + {offset}", key, message, raw + good[32:]))
            break
    for name, raw in LOW_ORDER.items():
        cases.append((f"key of {name}", raw, message, good))
        cases.append((f"R of {name}", key, message, raw + good[32:]))
    for r_name, r in LOW_ORDER.items():
        for key_name, low_key in LOW_ORDER.items():
            cases.append((f"key of {key_name}; R of {r_name}; S = 0", low_key, b"Zcash", r + bytes(32)))
    return [
        {
            "name": name, "key": k.hex(), "message": m.hex(), "signature": sig.hex(),
            "envelope": envelope_accepts(k, m, sig),
            "commit": envelope_accepts(k, m, sig) or zip215_accepts(k, m, sig),
        }
        for name, k, m, sig in cases
    ]


def print_cpp(made):
    for case in made:
        if "S = 0" in case["name"] and "key of" in case["name"]:
            continue
        print("    // " + case["name"])
        print('    {"%s",\n     "%s",\n     "%s"\n     "%s",\n     %s, %s},' % (
            case["key"], case["message"], case["signature"][:64], case["signature"][64:],
            str(case["envelope"]).lower(), str(case["commit"]).lower()))
    for case in made:
        if case["name"] == "key of order 8 a, sign 0; R of order 4, y = p, sign 1; S = 0":
            print("    // " + case["name"])
            print('    {"%s",\n     "%s",\n     "%s"\n     "%s",\n     %s, %s},' % (
                case["key"], case["message"], case["signature"][:64], case["signature"][64:],
                str(case["envelope"]).lower(), str(case["commit"]).lower()))


if __name__ == "__main__":
    made = vectors()
    if "--cpp" in sys.argv:
        print_cpp(made)
    else:
        path = pathlib.Path(__file__).parent / "ed25519.json"
        path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
