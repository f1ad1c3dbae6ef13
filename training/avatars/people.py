"""Who is photographed: nobody real. Each is a mixture of the mesh's shapes, and what grows and is worn on it."""

from dataclasses import dataclass, field

Colour = tuple[float, float, float]  # linear RGB, 0..1


@dataclass(frozen=True, slots=True)
class Hair:
    """style: a key of hair.STYLES. melanin, redness: 0..1, as Blender's hair shader takes them. grey: 0..1."""

    style: str
    melanin: float
    redness: float = 0.3
    grey: float = 0.0
    beard: float = 0.0  # length in dm; 0: shaved


@dataclass(frozen=True, slots=True)
class Person:
    """female, ages, origins: shares that sum to 1. build: weights of “universal” targets.

    traits: targets by weight; “*” stands for both sides. skin, lips, iris, cloth, wall: colours.
    """

    name: str
    female: float
    ages: dict[str, float]
    origins: dict[str, float]
    skin: Colour
    lips: Colour
    iris: Colour
    hair: Hair
    cloth: Colour
    wall: tuple[Colour, Colour]
    build: dict[str, float] = field(default_factory=dict)
    traits: dict[str, float] = field(default_factory=dict)
    wrinkles: float = 0.0
    painted: bool = False  # laid on in strokes of a brush (paint.py)
    turn: float = 0.0  # degrees by which the camera stands to the person's left


PEOPLE = (
    Person(
        name="amara",
        female=1.0,
        ages={"young": 1.0},
        origins={"african": 1.0},
        skin=(0.165, 0.075, 0.042),
        lips=(0.20, 0.06, 0.05),
        iris=(0.045, 0.02, 0.01),
        hair=Hair("afro", 0.95, 0.2),
        cloth=(0.62, 0.16, 0.05),
        wall=((0.78, 0.62, 0.42), (0.42, 0.26, 0.14)),
        traits={"mouth/mouth-angles-up": 0.4, "head/head-oval": 0.3},
    ),
    Person(
        name="kenji",
        female=0.0,
        ages={"young": 0.7, "old": 0.3},
        origins={"asian": 1.0},
        skin=(0.52, 0.30, 0.19),
        lips=(0.42, 0.17, 0.13),
        iris=(0.05, 0.025, 0.012),
        hair=Hair("crop", 0.95, 0.1),
        cloth=(0.06, 0.09, 0.16),
        wall=((0.60, 0.68, 0.72), (0.25, 0.32, 0.38)),
        traits={
            "head/head-oval": 0.35,
            "mouth/mouth-angles-up": 0.35,
            "mouth/mouth-upperlip-volume-incr": 0.5,
            "eyes/*eye-scale-incr": 0.45,
        },
        wrinkles=0.2,
    ),
    Person(
        name="walter",
        female=0.0,
        ages={"young": 0.1, "old": 0.9},
        origins={"caucasian": 1.0},
        skin=(0.60, 0.34, 0.24),
        lips=(0.46, 0.20, 0.17),
        iris=(0.16, 0.26, 0.36),
        hair=Hair("crop", 0.7, 0.2, grey=1.0, beard=0.09),
        cloth=(0.16, 0.20, 0.13),
        wall=((0.62, 0.58, 0.50), (0.30, 0.26, 0.22)),
        traits={"nose/nose-volume-incr": 0.3, "head/head-rectangular": 0.3, "mouth/mouth-angles-up": 0.3},
        wrinkles=1.0,
    ),
    Person(
        name="ingrid",
        female=1.0,
        ages={"young": 0.25, "old": 0.75},
        origins={"caucasian": 1.0},
        skin=(0.64, 0.40, 0.29),
        lips=(0.48, 0.17, 0.15),
        iris=(0.12, 0.22, 0.16),
        hair=Hair("bob", 0.8, 0.2, grey=1.0),
        cloth=(0.30, 0.05, 0.10),
        wall=((0.72, 0.68, 0.74), (0.36, 0.30, 0.42)),
        traits={"mouth/mouth-angles-up": 0.45, "head/head-round": 0.25},
        wrinkles=0.8,
    ),
    Person(
        name="arjun",
        female=0.0,
        ages={"young": 1.0},
        origins={"caucasian": 0.65, "african": 0.2, "asian": 0.15},
        skin=(0.33, 0.165, 0.09),
        lips=(0.30, 0.11, 0.08),
        iris=(0.06, 0.03, 0.015),
        hair=Hair("swept", 0.97, 0.1, beard=0.035),
        cloth=(0.70, 0.66, 0.58),
        wall=((0.42, 0.60, 0.58), (0.12, 0.24, 0.26)),
        traits={"mouth/mouth-angles-up": 0.35, "nose/nose-hump-incr": 0.2},
    ),
    Person(
        name="mei",
        female=1.0,
        ages={"young": 1.0},
        origins={"asian": 1.0},
        skin=(0.62, 0.37, 0.26),
        lips=(0.50, 0.13, 0.12),
        iris=(0.05, 0.025, 0.012),
        hair=Hair("tied", 0.97, 0.1),
        cloth=(0.75, 0.72, 0.70),
        wall=((0.80, 0.66, 0.66), (0.48, 0.30, 0.34)),
        traits={
            "mouth/mouth-angles-up": 0.45,
            "head/head-oval": 0.4,
            "eyes/*eye-scale-incr": 0.5,
            "mouth/mouth-upperlip-volume-incr": 0.4,
        },
    ),
    Person(
        name="leo",
        female=0.2,
        ages={"child": 0.7, "young": 0.3},
        origins={"caucasian": 1.0},
        skin=(0.66, 0.41, 0.30),
        lips=(0.52, 0.20, 0.17),
        iris=(0.14, 0.10, 0.04),
        hair=Hair("swept", 0.35, 0.55),
        cloth=(0.07, 0.24, 0.42),
        wall=((0.74, 0.80, 0.62), (0.36, 0.48, 0.26)),
        traits={"mouth/mouth-angles-up": 0.45},
    ),
    Person(
        name="elena",
        female=1.0,
        ages={"young": 0.75, "old": 0.25},
        origins={"caucasian": 1.0},
        skin=(0.62, 0.37, 0.25),
        lips=(0.48, 0.13, 0.10),
        iris=(0.07, 0.05, 0.02),
        hair=Hair("tied", 0.6, 0.5),
        cloth=(0.09, 0.16, 0.11),
        wall=((0.42, 0.34, 0.24), (0.10, 0.07, 0.05)),
        traits={"mouth/mouth-angles-up": 0.4, "head/head-oval": 0.4, "nose/nose-scale-vert-incr": 0.2},
        wrinkles=0.3,
        painted=True,
    ),
)
