"""How a chain is read: in order where each page leads to the next, all at once where the order is free."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from homeroom.fetch.chain import Chain, Means
from homeroom.fetch.crawl import can_crawl, crawl
from homeroom.fetch.sample import sample
from homeroom.fetch.walk import walk
from homeroom.values import ChainEnd, Page


def follow(chain: Chain, means: Means) -> AsyncGenerator[Page | ChainEnd, None]:
    """The pages of a chain in order, then its end. What goes wrong is raised; close the generator in any case."""
    if chain.most_pages is not None:
        return sample(chain, means)
    return crawl(chain, means) if can_crawl(chain) else walk(chain, means)
