"""The vendors that can be configured, by provider type."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.kinds import Provider
from reconciler.providers.inventora import INVENTORA
from reconciler.providers.kibo import KIBO
from reconciler.providers.kibo_oms import KIBO_OMS
from reconciler.providers.kobiks import KOBIKS
from reconciler.providers.kobo_plm import KOBO_PLM

PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {provider.type: provider for provider in (KOBO_PLM, KIBO, KOBIKS, KIBO_OMS, INVENTORA)}
)
