"""What the vendor documents of its API that more than one module needs, each fact with its source.

"Voicemail page" is the vendor's description, in Turkish, of ``voicemail_messages`` and ``voicemail_recording_url``. The
fields of each endpoint are in the module that parses them. This module imports nothing that takes time.
"""

from datetime import timedelta

from vm_mcp.wording import Words

API_URL = "https://api.bulutsantralim.com"
"""Voicemail page. It still says http there; the vendor's other pages moved to https in 2022."""

KEY_MENU = "Online İşlem Merkezi > Bulut Santralim > Santral Ayarlarım"
"""Menu path, in the vendor's web console, to an account's API key. Voicemail page, "Hazırlık"."""

KEY_FORM = Words("a K and 36 more characters")
"""What a key looks like, for people: ``K`` and a UUID in every example of the voicemail page."""

REQUESTS_PER_SECOND, BURST = 2.0, 10
"""Leaky bucket of each account's ``voicemail_*`` requests. The vendor's newer pages; the voicemail page is silent."""

CALL_RECORD_REQUESTS, CALL_RECORD_SECONDS = 6, 60.0
"""Requests for call records that an account may make, and within how many seconds. The vendor's newer pages."""

SMALLEST_PAGE, LARGEST_PAGE = 10, 100
"""Bounds of ``limit``, in rows. Voicemail page."""

MAX_WINDOW = timedelta(days=31)
"""How far ``start_stamp_from`` and ``start_stamp_to`` may be apart. Voicemail page."""

REQUEST_TIME = "%Y-%m-%d %H:%M:%S UTC"
"""How a request spells a time, for `strftime`. Voicemail page; answers come with an offset instead."""

LINK_LIFETIME = timedelta(hours=1)
"""How long a recording's URL works. Voicemail page."""
