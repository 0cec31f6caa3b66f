"""Invented names: hauliers, agencies, people, streets. Nobody real; drawn by a seeded generator."""

from __future__ import annotations

from random import Random

FIRST = (
    "Amara Andre Bianca Boris Camila Carlos Celia Chen Dana Darius Deepa Elena Emil Farah Felix "
    "Gloria Grant Hana Hector Imani Ivan Jada Jonas Kavya Keith Lara Luis Mara Marcus Nadia Nils "
    "Olive Omar Paula Petra Quinn Rafael Rosa Samir Sofia Tariq Tessa Umar Vera Victor Wanda Xenia "
    "Yara Yusuf Zane"
).split()
LAST = (
    "Abbott Alvarez Banerjee Barlow Castillo Cho Dalton Delgado Egan Espinoza Farrow Fuentes "
    "Gallagher Gupta Haddad Holm Ibarra Ingram Jansen Juarez Kaplan Kovacs Larkin Lindgren Mbeki "
    "Mercer Nakata Novak Okafor Ortega Pacheco Pruitt Quigley Ramos Rourke Sandoval Stroud Takeda "
    "Tolbert Ueda Vance Varga Whitlock Wray Yates Zamora"
).split()
PLACES = (
    "Amber Arroyo Bayfront Birch Blue Canyon Cedar Copper Coral Cypress Delta Eagle Elm Falcon "
    "Granite Harbor Hickory Juniper Keystone Lakeside Live-Oak Mesa Mill-Creek Northgate Orchard "
    "Palmetto Pine Prairie Quarry Red-Rock Ridgeline River-Bend Saguaro Sandhill Silver Southport "
    "Stone Summit Tamarack Timber Valley Westbrook Willow Windy-Gap"
).split()
TRADES = (
    "Freight,Haulage,Trucking,Transport,Logistics,Carriers,Express,Delivery,Drayage,Hotshot,"
    "Towing,Moving,Aggregate,Tank Lines,Refrigerated,Flatbed"
).split(",")
FORMS = ("LLC", "LLC", "LLC", "Inc.", "Inc.", "Co.", "LP")
AGENCIES = ("Insurance Agency", "Risk Partners", "Brokerage", "Truck Insurance", "Underwriters")
STREETS = ("Industrial Blvd", "Depot Rd", "Commerce Way", "Terminal Ave", "Old Mill Rd", "Main St")
CITIES = {
    "FL": (("Tampa", "33605"), ("Orlando", "32809"), ("Jacksonville", "32218"), ("Miami", "33166")),
    "GA": (("Savannah", "31408"), ("Macon", "31206"), ("Atlanta", "30336")),
    "AL": (("Mobile", "36605"), ("Birmingham", "35211")),
    "SC": (("Charleston", "29405"), ("Columbia", "29201")),
    "IL": (("Chicago", "60609"), ("Joliet", "60436"), ("Rockford", "61109"), ("Peoria", "61607")),
    "IN": (("Gary", "46406"), ("Indianapolis", "46241")),
    "WI": (("Milwaukee", "53207"), ("Madison", "53718")),
    "AZ": (("Phoenix", "85043"), ("Tucson", "85756"), ("Flagstaff", "86004"), ("Yuma", "85365")),
}


def person(rng: Random) -> str:
    """A first and a last name."""
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def haulier(rng: Random) -> str:
    """A trucking company, e.g. `Red Rock Flatbed LLC`."""
    place = rng.choice(PLACES).replace("-", " ")
    second = rng.choice(LAST) + " " if rng.random() < 0.35 else ""
    return f"{place} {second}{rng.choice(TRADES)} {rng.choice(FORMS)}"


def agency(rng: Random) -> str:
    """A producer's agency."""
    return f"{rng.choice(LAST)} & {rng.choice(LAST)} {rng.choice(AGENCIES)}"


def phone(rng: Random) -> str:
    """A number of the 555-01xx range, which belongs to nobody."""
    return f"({rng.randint(201, 989)}) 555-01{rng.randint(0, 99):02d}"


def address(rng: Random, state: str) -> tuple[str, str, str]:
    """Street line, city, postal code in a state we write."""
    city, postal = rng.choice(CITIES[state])
    return f"{rng.randint(100, 9899)} {rng.choice(STREETS)}", city, postal


def normalised(text: str) -> str:
    """The form of `*_norm` columns: case-folded words, separators dropped to single spaces."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())
