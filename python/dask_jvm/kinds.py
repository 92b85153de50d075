"""How many workers of which kind a JvmCluster should have."""

from __future__ import annotations

from distributed.deploy.adaptive import Adaptive

KINDS = ("python", "jvm")


class Shares:
    """In which proportion there are workers of each kind."""

    def __init__(self, wanted: dict[str, int]) -> None:
        self.by_kind = dict(wanted) if any(wanted.values()) else dict.fromkeys(KINDS, 1)

    def next_kind(self, counts: dict[str, int]) -> str:
        """Of which kind one more has to be for the proportion to stay."""
        kinds = [kind for kind in KINDS if self.by_kind[kind]]
        return min(kinds, key=lambda kind: (counts[kind] + 1) / self.by_kind[kind])

    def filled(self, counts: dict[str, int], n: int) -> dict[str, int]:
        """As many more as are wanting to `n` in all."""
        counts = dict(counts)
        for _ in range(n - sum(counts.values())):
            counts[self.next_kind(counts)] += 1
        return counts


class AdaptiveKinds(Adaptive):
    """Sees to it that tasks of one kind do not wait for ever beside workers of the other."""

    lacking: tuple[str, ...] = ()

    async def target(self) -> int:
        target = await super().target()
        waiting = await self.scheduler.unrunnable_tasks()
        counts = self.cluster.counts()
        self.lacking = tuple(kind for kind in KINDS if waiting[kind] and not counts[kind] and self.cluster.has_kind(kind))
        return max(target, sum(counts.values()) + len(self.lacking)) if self.lacking else target

    async def scale_up(self, n: int) -> None:
        counts = self.cluster.counts()
        for kind in self.lacking:
            if sum(counts.values()) < n:
                counts[kind] += 1
        self.cluster.scale(**self.cluster.shares.filled(counts, n), keep_shares=True)
