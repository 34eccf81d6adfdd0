"""The hashing of engine/FORMAT.md, written a second time from its tables.

Standard library only, SM3, P-256 and SM2 included, so that neither the engine
nor OpenSSL is asked whether the engine is right. Slow and plain on purpose:
everything is computed from scratch, nothing is updated in place.
"""

import base64
import hashlib
import json

SCOPES = ("public", "government", "authorized")
STATES = {"current": 1, "superseded": 2, "withdrawn": 3, "repaired": 4, "expired": 5}
ID_KINDS = {"uscc": 1, "org_code": 2, "reg_no": 3, "cn_id": 4, "cn_permanent": 5,
            "hkmo_permit": 6, "tw_permit": 7, "passport": 8}
NEVER = "9999-12-31"
ZERO = bytes(32)


def canonical(value):
    """RFC 8785 for what we write: text, whole numbers, booleans, ASCII names."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True,
                      separators=(",", ":")).encode("utf-8")


def b64(data):
    return base64.b64encode(data).decode("ascii")


# ---------------------------------------------------------------- hashes

def sm3(data):
    """GB/T 32905-2016."""
    mask = 0xFFFFFFFF

    def rol(x, n):
        n %= 32
        return ((x << n) | (x >> (32 - n))) & mask

    v = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
         0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        w = [int.from_bytes(padded[i:i + 4], "big") for i in range(start, start + 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rol(w[j - 3], 15)
            w.append(x ^ rol(x, 15) ^ rol(x, 23) ^ rol(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            t = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = rol((rol(a, 12) + e + rol(t, j)) & mask, 7)
            ss2 = ss1 ^ rol(a, 12)
            ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if j < 16 else (e & f) | (~e & mask & g)
            tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & mask
            tt2 = (gg + h + ss1 + w[j]) & mask
            a, b, c, d = tt1, a, rol(b, 9), c
            e, f, g, h = tt2 ^ rol(tt2, 9) ^ rol(tt2, 17), e, rol(f, 19), g
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]
    return b"".join(x.to_bytes(4, "big") for x in v)


def sha256(data):
    return hashlib.sha256(data).digest()


HASHES = {"sha256": sha256, "sm3": sm3}


def tag(number):
    return bytes([number]) + b"credit1"


# ---------------------------------------------------------------- a version

def salts_of(h, seed):
    """Public, government, authorised; the last is the seed itself."""
    halves = h(tag(0x10) + seed)
    return [halves[:16], halves[16:], seed]


def block_digests(h, salts, texts):
    """The digest chain: each block is hashed over the one before it."""
    digests, previous = [], ZERO
    for salt, text in zip(salts, texts):
        previous = h(tag(0x11) + salt + previous + text)
        digests.append(previous)
    return digests


def list_digest(h, scope, start, due, items):
    """items: (state number, digest of the scope's last block), in key order."""
    head = bytes([scope]) + start.encode() + due.encode() + len(items).to_bytes(4, "big")
    return h(tag(0x12) + head + b"".join(bytes([s]) + d for s, d in items))


# ---------------------------------------------------------------- the maps

def subject_key(id_type, number=None, token=None):
    body = token if token is not None else number.encode("ascii").ljust(18, b"\0")
    assert len(body) == 18
    return bytes([ID_KINDS[id_type]]) + body


def place_of(h, key):
    return h(tag(0x13) + key)


def bit(place, index):
    return place[index // 8] >> (7 - index % 8) & 1


def leaf_digest(h, place, listed):
    return h(tag(0x14) + place + listed)


def branch_digest(h, index, left, right):
    return h(tag(0x15) + bytes([index]) + left + right)


class Map:
    """Place → list digest, as a tree of nested tuples."""

    def __init__(self, h, leaves):
        self.h = h
        self.root = self._build(sorted(leaves.items())) if leaves else None

    def _build(self, leaves):
        if len(leaves) == 1:
            place, listed = leaves[0]
            return ("leaf", leaf_digest(self.h, place, listed), place, listed)
        index = next(i for i in range(256) if bit(leaves[0][0], i) != bit(leaves[-1][0], i))
        left = self._build([x for x in leaves if not bit(x[0], index)])
        right = self._build([x for x in leaves if bit(x[0], index)])
        return ("branch", branch_digest(self.h, index, left[1], right[1]), index, left, right)

    def digest(self):
        return self.root[1] if self.root else self.h(tag(0x16))

    def walk(self, place):
        """The leaf that the bits of `place` lead to, with the way to it."""
        bits, path, node = [], [], self.root
        while node and node[0] == "branch":
            _, _, index, left, right = node
            bits.append(index)
            node, other = (right, left) if bit(place, index) else (left, right)
            path.append(other[1])
        return bits, path, node


# ---------------------------------------------------------------- the log

def commit_leaf(commit):
    return (tag(0x17) + commit["number"].to_bytes(4, "big") + commit["time"].to_bytes(8, "big")
            + commit["day"].encode() + bytes([commit["history"]]) + b"".join(commit["maps"]) + commit["batch"] + commit["pack"])


def log_root(h, leaves):
    """RFC 9162, 2.1.1."""
    if len(leaves) == 1:
        return h(b"\0" + leaves[0])
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return h(b"\1" + log_root(h, leaves[:k]) + log_root(h, leaves[k:]))


def log_path(h, leaves, index):
    """RFC 9162, 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if index < k:
        return log_path(h, leaves[:k], index) + [log_root(h, leaves[k:])]
    return log_path(h, leaves[k:], index - k) + [log_root(h, leaves[:k])]


# ---------------------------------------------------------------- signatures

class Curve:
    def __init__(self, p, a, b, n, gx, gy, oid):
        self.p, self.a, self.b, self.n, self.g, self.oid = p, a, b, n, (gx, gy), oid

    def add(self, s, t):
        if s is None or t is None:
            return s or t
        if s[0] == t[0]:
            if (s[1] + t[1]) % self.p == 0:
                return None
            slope = (3 * s[0] * s[0] + self.a) * pow(2 * s[1], -1, self.p)
        else:
            slope = (t[1] - s[1]) * pow(t[0] - s[0], -1, self.p)
        x = (slope * slope - s[0] - t[0]) % self.p
        return x, (slope * (s[0] - x) - s[1]) % self.p

    def multiply(self, k, point):
        result = None
        while k:
            if k & 1:
                result = self.add(result, point)
            point, k = self.add(point, point), k >> 1
        return result

    def spki(self, point):
        algorithm = bytes.fromhex("06072a8648ce3d0201") + self.oid
        encoded = b"\x03\x42\x00\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")
        inner = b"\x30" + bytes([len(algorithm)]) + algorithm + encoded
        return b"\x30" + bytes([len(inner)]) + inner


P256 = Curve(
    0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF, -3,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    bytes.fromhex("06082a8648ce3d030107"))
SM2 = Curve(
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC,
    0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    bytes.fromhex("06082a811ccf5501822d"))


def der(r, s):
    def integer(x):
        data = x.to_bytes(x.bit_length() // 8 + 1, "big")
        return b"\x02" + bytes([len(data)]) + data
    body = integer(r) + integer(s)
    return b"\x30" + bytes([len(body)]) + body


class Signer:
    """A test key made from a word: never to be used for anything else."""

    def __init__(self, suite, word):
        self.suite = suite
        self.curve = {"p256": P256, "sm2": SM2}[suite]
        self.secret = int.from_bytes(sha256(word.encode()), "big") % self.curve.n
        self.point = self.curve.multiply(self.secret, self.curve.g)
        self.spki = self.curve.spki(self.point)

    def pem(self):
        text = b64(self.spki)
        lines = [text[i:i + 64] for i in range(0, len(text), 64)]
        return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])

    def key_id(self, name):
        """C2SP signed-note: type 0x02 for ECDSA, 0xff and a long name for SM2."""
        if self.suite == "p256":
            return sha256(self.spki)[:4]
        return sha256(name.encode() + b"\n\xffcredit-sm2-sm3" + self.spki)[:4]

    def sign(self, text):
        n, d = self.curve.n, self.secret
        k = int.from_bytes(sha256(d.to_bytes(32, "big") + text), "big") % n
        x = self.curve.multiply(k, self.curve.g)[0]
        if self.suite == "p256":
            r = x % n
            return der(r, pow(k, -1, n) * (int.from_bytes(sha256(text), "big") + r * d) % n)
        user = b"1234567812345678"
        fixed = [self.curve.a, self.curve.b, *self.curve.g, *self.point]
        za = sm3((8 * len(user)).to_bytes(2, "big") + user
                 + b"".join((v % self.curve.p).to_bytes(32, "big") for v in fixed))
        r = (int.from_bytes(sm3(za + text), "big") + x) % n
        return der(r, pow(1 + d, -1, n) * (k - r * d) % n)


def checkpoint(signer, origin, size, root):
    text = f"{origin}\n{size}\n{b64(root)}\n"
    signature = b64(signer.key_id(origin) + signer.sign(text.encode()))
    return f"{text}\n— {origin} {signature}\n"
