"""The Merkle tree: known vectors, and every size up to 70 against a tree that is built naively."""

import hashlib
import random

import pytest

from sync import merkle
from sync.verifier import consistent, included

# The leaves and roots that Certificate Transparency's own implementations are tested with.
LEAVES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MOST = 70


def naive(leaves):
    """The hash of a list of leaf hashes, as RFC 9162 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return merkle.node_hash(naive(leaves[:middle]), naive(leaves[middle:]))


def nodes_of(leaves):
    """All whole subtrees of a list of leaf hashes, from a frontier that grew by one leaf each time."""
    frontier, nodes = merkle.Frontier(), {}
    for leaf in leaves:
        nodes |= {(level, position): found for level, position, found in frontier.add(leaf)}
    return lambda level, position: nodes[level, position]


SOME = [merkle.leaf_hash(b"%d" % number) for number in range(MOST)]
NODE = nodes_of(SOME)
NAIVE = [naive(SOME[:size]) for size in range(MOST + 1)]


def test_the_known_roots_come_out():
    frontier = merkle.Frontier()
    roots = [frontier.root().hex()]
    for leaf in LEAVES:
        frontier.add(merkle.leaf_hash(leaf))
        roots.append(frontier.root().hex())
    assert roots == ROOTS


def test_the_known_proofs_come_out():
    hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES]
    a, b, c, d, e, f, j, last = hashes
    g, h, i = merkle.node_hash(a, b), merkle.node_hash(c, d), merkle.node_hash(e, f)
    k = merkle.node_hash(g, h)
    seven = merkle.node_hash(i, j)
    # RFC 6962, 2.1.3: the tree of seven leaves
    node = nodes_of(hashes)
    assert merkle.inclusion_proof(0, 7, node) == [b, h, seven]
    assert merkle.inclusion_proof(3, 7, node) == [c, g, seven]
    assert merkle.inclusion_proof(4, 7, node) == [f, j, k]
    assert merkle.inclusion_proof(6, 7, node) == [i, k]
    assert merkle.consistency_proof(3, 7, node) == [c, d, g, seven]
    assert merkle.consistency_proof(4, 7, node) == [seven]
    assert merkle.consistency_proof(6, 7, node) == [i, j, k]
    assert merkle.inclusion_proof(7, 8, node) == [j, i, k]
    assert last not in merkle.inclusion_proof(0, 7, node)


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_leaf_of_every_size_is_proved_and_nothing_else(size):
    root, chance = NAIVE[size], random.Random(size)
    for index in range(size):
        path = merkle.inclusion_proof(index, size, NODE)
        assert included(SOME[index], index, size, path, root)
        other = chance.randrange(size)
        assert other == index or not included(SOME[index], other, size, path, root)
        assert not included(SOME[(index + 1) % MOST], index, size, path, root)
        assert not included(SOME[index], index, size, path, NAIVE[size - 1])
        assert not included(SOME[index], index, size, [*path, root], root)
        assert not included(SOME[index], index, size, path[:-1], root) or size == 1
        for place in range(len(path)):
            changed = [*path[:place], path[place][::-1], *path[place + 1 :]]
            assert not included(SOME[index], index, size, changed, root)


@pytest.mark.parametrize("new", range(1, MOST + 1))
def test_every_beginning_of_every_size_is_proved_and_nothing_else(new):
    for old in range(1, new + 1):
        path = merkle.consistency_proof(old, new, NODE)
        assert consistent(old, new, NAIVE[old], NAIVE[new], path)
        assert not consistent(old, new, NAIVE[old][::-1], NAIVE[new], path)
        assert not consistent(old, new, NAIVE[old], NAIVE[new][::-1], path)
        assert not consistent(old, new, NAIVE[old - 1], NAIVE[new], path)
        assert not consistent(old, new, NAIVE[old], NAIVE[new], [*path, NAIVE[new]])
        for place in range(len(path)):
            changed = [*path[:place], path[place][::-1], *path[place + 1 :]]
            assert not consistent(old, new, NAIVE[old], NAIVE[new], changed)
            assert not consistent(old, new, NAIVE[old], NAIVE[new], path[:place] + path[place + 1 :])


def test_a_frontier_goes_on_from_any_size():
    for size in range(MOST):
        frontier = merkle.Frontier(size, NODE)
        assert frontier.root() == NAIVE[size]
        for leaf in SOME[size:]:
            frontier.add(leaf)
        assert frontier.root() == NAIVE[MOST]


def test_the_cost_of_a_proof_grows_with_the_logarithm():
    def node(level, position):
        asked.append((level, position))
        return bytes(32)

    for place in (1, 500_000, 524_288, 999_998):
        asked = []
        assert len(merkle.inclusion_proof(place, 999_999, node)) <= 20
        assert len(merkle.consistency_proof(place, 999_999, node)) <= 21
        assert len(asked) <= 2 * 40


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_leaf_that_is_not_there_is_not_proved(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, NODE)
    assert not included(SOME[0], index, size, [], SOME[0])


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3)])
def test_what_is_no_beginning_is_not_proved(old, new):
    with pytest.raises(ValueError, match="no beginning"):
        merkle.consistency_proof(old, new, NODE)
    assert not consistent(old, new, NAIVE[0], NAIVE[3], [SOME[0]])
