"""The verbs of the registry, one file for each noun; other rooms call them from here."""

from server.registry.claims import claim_items, claimed_items, claims_of, release_item
from server.registry.drafts import CertificateDraft, LicenceDraft, MarkerDraft, ObjectDraft
from server.registry.importing import import_objects
from server.registry.inspector_importing import import_inspectors
from server.registry.inspectors import (
    enter_certificate,
    inspectors_named,
    inspectors_within,
    valid_certificate,
    valid_certificates,
)
from server.registry.item_drafts import ClaimDraft, ItemDraft, ResponsibilityDraft, VersionDraft
from server.registry.item_list import (
    codes_by_text,
    enter_item,
    enter_standard_items,
    find_item,
    forms_by_item,
    item_as_json,
    items,
    items_for,
    offer_items,
)
from server.registry.key_library import (
    enter_in_key_library,
    is_key,
    key_listings_within,
    take_from_key_library,
)
from server.registry.licences import (
    enter_licence,
    enter_markers,
    licences_of,
    markers_of,
    polygon_of,
    position_of,
)
from server.registry.list_versions import (
    approve_version,
    list_on,
    listed_items,
    prepare_version,
    publish_version,
    published_bytes,
    published_versions,
    versions_within,
)
from server.registry.lists import LISTS, enter_list, list_blob, list_view
from server.registry.objects import (
    add_object,
    enter_object,
    find_object,
    objects_named,
    objects_within,
    rate_object,
)
from server.registry.responsibilities import (
    drop_responsibility,
    enter_responsibility,
    responsibilities_of,
)
from server.registry.risk import ratings_of, risk_classes_of, risk_classes_within
from server.registry.standing import (
    IN_THE_FIELD,
    InspectorStanding,
    experts_at,
    standings_at,
    standings_of,
    standings_within,
)
from server.registry.views import licence_as_json, markers_as_geojson, object_view

__all__ = [
    "IN_THE_FIELD",
    "LISTS",
    "CertificateDraft",
    "ClaimDraft",
    "InspectorStanding",
    "ItemDraft",
    "LicenceDraft",
    "MarkerDraft",
    "ObjectDraft",
    "ResponsibilityDraft",
    "VersionDraft",
    "add_object",
    "approve_version",
    "claim_items",
    "claimed_items",
    "claims_of",
    "codes_by_text",
    "drop_responsibility",
    "enter_certificate",
    "enter_in_key_library",
    "enter_item",
    "enter_licence",
    "enter_list",
    "enter_markers",
    "enter_object",
    "enter_responsibility",
    "enter_standard_items",
    "experts_at",
    "find_item",
    "find_object",
    "forms_by_item",
    "import_inspectors",
    "import_objects",
    "inspectors_named",
    "inspectors_within",
    "is_key",
    "item_as_json",
    "items",
    "items_for",
    "key_listings_within",
    "licence_as_json",
    "licences_of",
    "list_blob",
    "list_on",
    "list_view",
    "listed_items",
    "markers_as_geojson",
    "markers_of",
    "object_view",
    "objects_named",
    "objects_within",
    "offer_items",
    "polygon_of",
    "position_of",
    "prepare_version",
    "publish_version",
    "published_bytes",
    "published_versions",
    "rate_object",
    "ratings_of",
    "release_item",
    "responsibilities_of",
    "risk_classes_of",
    "risk_classes_within",
    "standings_at",
    "standings_of",
    "standings_within",
    "take_from_key_library",
    "valid_certificate",
    "valid_certificates",
    "versions_within",
]
