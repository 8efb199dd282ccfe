"""Write the pools of names of the installed Faker to the package data: python benchmarks/freeze_names.py

The package reads that file alone, so that a new Faker changes no record. Run it only to make a new version of the
pools, and raise VERSION; the version of the plan stays the same.
"""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path

from faker import Factory

VERSION = "2"
SEED = 0
SIZE = 256
TARGET = Path(__file__).parents[1] / "chime_fixtures" / "chime" / "data" / "names.json"

# The subjects of sessions in each language: an order, a ticket, a delivery, a booking.
SUBJECTS = {
    "en": ["Order", "Ticket", "Delivery", "Booking"],
    "fr": ["Commande", "Ticket", "Livraison", "Réservation"],
    "de": ["Bestellung", "Ticket", "Lieferung", "Buchung"],
    "sv": ["Order", "Ärende", "Leverans", "Bokning"],
    "no": ["Ordre", "Sak", "Levering", "Bestilling"],
    "es": ["Pedido", "Ticket", "Entrega", "Reserva"],
    "pt": ["Pedido", "Chamado", "Entrega", "Reserva"],
    "pl": ["Zamówienie", "Zgłoszenie", "Dostawa", "Rezerwacja"],
    "tr": ["Sipariş", "Talep", "Teslimat", "Rezervasyon"],
    "el": ["Παραγγελία", "Αίτημα", "Παράδοση", "Κράτηση"],
    "uk": ["Замовлення", "Заявка", "Доставка", "Бронювання"],
    "ar": ["طلب", "تذكرة", "توصيل", "حجز"],
    "he": ["הזמנה", "פנייה", "משלוח", "תור"],
    "hi": ["ऑर्डर", "टिकट", "डिलीवरी", "बुकिंग"],
    "ja": ["注文", "チケット", "配達", "予約"],
    "ko": ["주문", "티켓", "배송", "예약"],
    "zh": ["订单", "工单", "配送", "预约"],
    "th": ["คำสั่งซื้อ", "ตั๋ว", "จัดส่ง", "การจอง"],
}
LOCALES = [
    "en_US", "en_GB", "en_CA", "en_AU", "en_IE", "fr_FR", "fr_CA", "de_DE", "sv_SE", "no_NO", "es_MX", "pt_BR", "pl_PL",
    "tr_TR", "el_GR", "uk_UA", "ar_SA", "he_IL", "hi_IN", "ja_JP", "ko_KR", "zh_CN", "th_TH",
]  # fmt: skip
FAMILY_FIRST = {"ja": " ", "ko": "", "zh": ""}


def pool(locale: str) -> dict[str, object]:
    """The subjects and the two parts of names, in the order of writing and in Faker's shares."""
    language = locale.partition("_")[0]
    generator = Factory.create(locale)
    generator.seed_instance(SEED)
    given = [generator.first_name() for _ in range(SIZE)]
    family = [generator.last_name() for _ in range(SIZE)]
    joiner = FAMILY_FIRST.get(language, " ")
    first, second = (family, given) if language in FAMILY_FIRST else (given, family)
    return {"subjects": SUBJECTS[language], "joiner": joiner, "first": first, "second": second}


def main() -> None:
    """Write the file."""
    source = f"Faker {importlib.metadata.version('faker')}, seed {SEED}, {SIZE} draws of first_name and last_name each"
    content = {"version": VERSION, "source": source, "locales": {locale: pool(locale) for locale in LOCALES}}
    lines = json.dumps(content, ensure_ascii=False, indent=1)
    TARGET.write_text(lines + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
