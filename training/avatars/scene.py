"""The studio: skin, eyes, cloth, hair and light in Blender's Cycles. Runs where `bpy` is installed, on the CPU."""

import tempfile
from pathlib import Path

import bpy
import numpy as np

from training.avatars import hair, nodes
from training.avatars.body import Body, Floats
from training.avatars.nodes import scaled
from training.avatars.people import Colour, Person

FACE_FROM_Y = -3.4  # dm below the eyes: what is shown of the body
HEIGHT_DM = 4.2  # of the picture
DISTANCE_DM = 16.0  # of the camera: a portrait lens
SAMPLES = 48


def photograph(body: Body, person: Person, size_px: int, samples: int = SAMPLES) -> Floats:
    """Return the portrait as (size, size, 4) floats, sRGB with alpha; nothing behind the person."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    rng = np.random.default_rng(int.from_bytes(person.name.encode(), "big") % 2**32)
    eyes = (body.middle("helper-l-eye") + body.middle("helper-r-eye")) / 2
    _skin(body, person)
    for side in ("l", "r"):
        _eye(body, f"helper-{side}-eye", person.iris)
    _lashes(body)
    _cloth(body, person.cloth)
    _hair(body, person, rng)
    _light(eyes)
    _camera(eyes, person.turn)
    return _render(size_px, samples)


def _skin(body: Body, person: Person) -> None:
    faces, uvs = body.faces["body"], body.face_uvs["body"]
    shown = (body.points[faces][:, :, 1] > body.middle("helper-l-eye")[1] + FACE_FROM_Y).all(axis=1)
    thing = nodes.mesh("skin", body.points, faces[shown], body.uv[uvs[shown]])
    nodes.smooth(thing, 2)
    tree, shader = nodes.material(thing, "skin")
    link = tree.links.new
    where = tree.nodes.new("ShaderNodeTexCoord").outputs["Object"]
    blotches = nodes.node(tree, "ShaderNodeTexNoise", Scale=2.2, Detail=4.0)
    freckles = nodes.node(tree, "ShaderNodeTexNoise", Scale=38.0, Detail=3.0)
    pores = nodes.node(tree, "ShaderNodeTexVoronoi", Scale=42.0)
    creases = nodes.node(tree, "ShaderNodeTexNoise", Scale=9.0, Detail=8.0, Roughness=0.65)
    for node in (blotches, freckles, pores, creases):
        link(where, node.inputs["Vector"])
    skin = person.skin
    colour = nodes.mix(
        tree, blotches.outputs["Fac"], scaled(skin, (0.90, 0.84, 0.82)), scaled(skin, (1.06, 1.10, 1.12))
    )
    colour = nodes.mix(
        tree,
        nodes.steps(tree, freckles.outputs["Fac"], 0.52, 0.75, 0.35),
        colour,
        scaled(skin, (0.75, 0.62, 0.55)),
    )
    colour = nodes.mix(
        tree, nodes.times(tree, _blush(tree, where, body), 0.55), colour, scaled(skin, (1.05, 0.70, 0.66))
    )
    colour = nodes.mix(tree, nodes.times(tree, nodes.mask(tree, body.masks["lips"], "lips"), 0.85), colour, person.lips)
    link(colour, shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = 0.48
    shader.inputs["Subsurface Weight"].default_value = 0.35
    shader.inputs["Subsurface Radius"].default_value = (0.10, 0.035, 0.018)
    shader.inputs["Subsurface Scale"].default_value = 0.8
    shader.inputs["Specular IOR Level"].default_value = 0.42
    fine = nodes.node(tree, "ShaderNodeBump", Strength=0.10, Distance=0.006)
    link(pores.outputs["Distance"], fine.inputs["Height"])
    coarse = nodes.node(tree, "ShaderNodeBump", Strength=0.10 + 0.35 * person.wrinkles, Distance=0.02)
    link(creases.outputs["Fac"], coarse.inputs["Height"])
    link(fine.outputs["Normal"], coarse.inputs["Normal"])
    link(coarse.outputs["Normal"], shader.inputs["Normal"])


def _blush(tree: bpy.types.NodeTree, where: object, body: Body) -> object:
    """1 on cheeks and the tip of the nose, 0 elsewhere."""
    eye = body.middle("helper-l-eye")
    total = None
    for x, y, z, size in ((0.42, -0.42, 0.15, 0.34), (-0.42, -0.42, 0.15, 0.34), (0.0, -0.42, 0.55, 0.17)):
        centre = nodes.place(np.array([x, eye[1] + y, eye[2] + z]))
        distance = nodes.node(tree, "ShaderNodeVectorMath", operation="DISTANCE")
        tree.links.new(where, distance.inputs[0])
        distance.inputs[1].default_value = centre.tolist()
        near = nodes.node(tree, "ShaderNodeMapRange", interpolation_type="SMOOTHSTEP")
        for name, number in (("From Min", size), ("From Max", size * 0.1), ("To Max", 1.0)):
            near.inputs[name].default_value = number
        tree.links.new(distance.outputs["Value"], near.inputs["Value"])
        if total is None:
            total = near.outputs["Result"]
            continue
        add = nodes.node(tree, "ShaderNodeMath", operation="ADD", use_clamp=True)
        tree.links.new(total, add.inputs[0])
        tree.links.new(near.outputs["Result"], add.inputs[1])
        total = add.outputs[0]
    return total


def _eye(body: Body, group: str, iris: Colour) -> None:
    points = body.points[np.unique(body.faces[group])]
    middle = nodes.place((points.max(axis=0) + points.min(axis=0)) / 2)
    radius = float((points.max(axis=0) - points.min(axis=0)).min() / 2)
    bpy.ops.mesh.primitive_uv_sphere_add(segments=64, ring_count=48, radius=radius, location=middle.tolist())
    thing = bpy.context.object
    bpy.ops.object.shade_smooth()
    tree, shader = nodes.material(thing, "eye")
    link = tree.links.new
    where = tree.nodes.new("ShaderNodeTexCoord").outputs["Object"]
    split = nodes.node(tree, "ShaderNodeSeparateXYZ")
    link(where, split.inputs[0])
    flat = nodes.node(tree, "ShaderNodeCombineXYZ")
    link(split.outputs[0], flat.inputs[0])
    link(split.outputs[2], flat.inputs[1])
    length = nodes.node(tree, "ShaderNodeVectorMath", operation="LENGTH")
    link(flat.outputs[0], length.inputs[0])
    share = nodes.times(tree, length.outputs["Value"], 1 / radius)
    fibres = nodes.node(tree, "ShaderNodeTexNoise", Scale=60.0, Detail=4.0)
    link(where, fibres.inputs["Vector"])
    coloured = nodes.mix(tree, fibres.outputs["Fac"], scaled(iris, (0.45, 0.45, 0.45)), scaled(iris, (2.0, 2.0, 2.0)))
    coloured = nodes.mix(tree, nodes.steps(tree, share, 0.36, 0.46, 1.0), coloured, (0.006, 0.005, 0.005))
    whole = nodes.mix(tree, nodes.steps(tree, share, 0.17, 0.20, 1.0), (0.002, 0.002, 0.002), coloured)
    white = nodes.mix(tree, nodes.steps(tree, share, 0.55, 1.0, 1.0), (0.70, 0.68, 0.65), (0.62, 0.42, 0.38))
    link(nodes.mix(tree, nodes.steps(tree, share, 0.45, 0.50, 1.0), whole, white), shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = 0.25
    shader.inputs["Coat Weight"].default_value = 1.0
    shader.inputs["Coat Roughness"].default_value = 0.02


def _lashes(body: Body) -> None:
    for side in ("l", "r"):
        for part in ("1", "2"):
            thing = nodes.mesh("lashes", body.points, body.faces[f"helper-{side}-eyelashes-{part}"])
            nodes.smooth(thing, 1)
            _, shader = nodes.material(thing, "lashes")
            shader.inputs["Base Color"].default_value = (0.01, 0.007, 0.006, 1)
            shader.inputs["Alpha"].default_value = 0.55
            shader.inputs["Roughness"].default_value = 0.9


def _cloth(body: Body, colour: Colour) -> None:
    faces = body.faces["helper-tights"]
    base = body.base[faces]
    shown = (base[:, :, 1] < 5.86).all(axis=1) & (
        body.points[faces][:, :, 1] > body.middle("helper-l-eye")[1] - 4.2
    ).all(axis=1)
    thing = nodes.mesh("cloth", body.points, faces[shown])
    thing.modifiers.new("thick", "SOLIDIFY").thickness = 0.045
    thing.modifiers["thick"].offset = 1.0
    nodes.smooth(thing, 2)
    tree, shader = nodes.material(thing, "cloth")
    shader.inputs["Base Color"].default_value = (*colour, 1)
    shader.inputs["Roughness"].default_value = 0.85
    shader.inputs["Sheen Weight"].default_value = 0.3
    where = tree.nodes.new("ShaderNodeTexCoord").outputs["Object"]
    weave = nodes.node(tree, "ShaderNodeTexNoise", Scale=120.0, Detail=2.0)
    folds = nodes.node(tree, "ShaderNodeTexNoise", Scale=1.6, Detail=2.0)
    bump, drape = (
        nodes.node(tree, "ShaderNodeBump", Strength=0.35, Distance=0.02),
        nodes.node(tree, "ShaderNodeBump", Strength=0.5, Distance=0.25),
    )
    for node, target in ((weave, bump), (folds, drape)):
        tree.links.new(where, node.inputs["Vector"])
        tree.links.new(node.outputs["Fac"], target.inputs["Height"])
    tree.links.new(bump.outputs["Normal"], drape.inputs["Normal"])
    tree.links.new(drape.outputs["Normal"], shader.inputs["Normal"])


def _hair(body: Body, person: Person, rng: np.random.Generator) -> None:
    grown = hair.grow(body, hair.STYLES[person.hair.style], hair.scalp, rng)
    _strands("hair", grown, 0.0048, person)
    if person.hair.style == "tied":
        _strands("knot", _knot(body, rng), 0.0048, person)
    flat = np.array([1.0, 0.12, -0.1])
    brows = hair.short(body, hair.brow, rng, count=2600, length=0.075, comb=flat, lift=0.05)
    _strands("brows", brows, 0.0028, person)
    if person.hair.beard:
        down = np.array([0.25, -1.0, 0.15])
        beard = hair.short(body, hair.chin, rng, count=18000, length=person.hair.beard, comb=down, lift=0.55)
        _strands("beard", beard, 0.0022, person)


def _knot(body: Body, rng: np.random.Generator) -> Floats:
    centre = np.array([0.0, body.points[:, 1].max() - 0.12, body.middle("helper-l-eye")[2] - 1.45])
    turn = rng.uniform(0, 2 * np.pi, (2500, 1)) + np.linspace(0, 4.5, 20)
    tilt = rng.uniform(-1.1, 1.1, (2500, 1)) + np.linspace(-0.2, 0.2, 20)
    size = 0.34 * (1 - 0.15 * rng.random((2500, 1)))
    ball = np.stack([np.cos(turn) * np.cos(tilt), np.sin(turn) * np.cos(tilt), np.sin(tilt)], axis=-1)
    return np.asarray(centre + size[..., None] * ball)


def _strands(name: str, points: Floats, radius: float, person: Person) -> None:
    count, steps = points.shape[:2]
    curves = bpy.data.hair_curves.new(name)
    curves.add_curves([steps] * count)
    curves.position_data.foreach_set("vector", nodes.place(points).reshape(-1).astype(np.float32))
    taper = np.tile(radius * np.linspace(1, 0.35, steps), count).astype(np.float32)
    width = curves.attributes.get("radius") or curves.attributes.new("radius", "FLOAT", "POINT")
    width.data.foreach_set("value", taper)
    thing = bpy.data.objects.new(name, curves)
    bpy.context.collection.objects.link(thing)
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    shader = nodes.node(tree, "ShaderNodeBsdfHairPrincipled", parametrization="MELANIN")
    melanin = person.hair.melanin * (1 - 0.88 * person.hair.grey * (0.75 if name in ("brows", "beard") else 1))
    values = {
        "Melanin": melanin,
        "Melanin Redness": person.hair.redness * (1 - person.hair.grey),
        "Random Color": 0.25,
        "Roughness": 0.38,
        "Radial Roughness": 0.45,
        "Random Roughness": 0.2,
    }
    for key, value in values.items():
        shader.inputs[key].default_value = value
    tree.links.new(shader.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    thing.data.materials.append(material)


def _light(eyes: Floats) -> None:
    for x, y, z, size, power, colour in (
        (-5.5, 4.0, 8.0, 5.0, 820, (1.0, 0.95, 0.88)),
        (7.0, 0.5, 7.0, 7.0, 170, (0.88, 0.94, 1.0)),
        (5.0, 4.5, -5.0, 3.0, 700, (1.0, 0.96, 0.9)),
        (-5.0, 3.0, -5.0, 3.0, 420, (0.9, 0.95, 1.0)),
    ):
        lamp = bpy.data.lights.new("lamp", "AREA")
        lamp.energy, lamp.size, lamp.color = power, size, colour
        thing = bpy.data.objects.new("lamp", lamp)
        bpy.context.collection.objects.link(thing)
        offset = nodes.place(np.array([x, y, z]))
        thing.location = (nodes.place(eyes) + offset).tolist()
        thing.rotation_euler = _looking(-offset)
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.9, 0.93, 1.0, 1)
    world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.22


def _looking(direction: Floats) -> object:
    from mathutils import Vector

    return Vector(direction.tolist()).to_track_quat("-Z", "Y").to_euler()


def _camera(eyes: Floats, turn: float) -> None:
    camera = bpy.data.cameras.new("camera")
    camera.sensor_width = camera.sensor_height = 36.0
    camera.lens = 36.0 * DISTANCE_DM / HEIGHT_DM
    thing = bpy.data.objects.new("camera", camera)
    bpy.context.collection.objects.link(thing)
    target = eyes - np.array([0.0, 0.35, 0.0])
    angle = np.radians(turn)
    offset = DISTANCE_DM * np.array([np.sin(angle), 0.02, np.cos(angle)])
    thing.location = nodes.place(target + offset).tolist()
    thing.rotation_euler = _looking(nodes.place(-offset))
    bpy.context.scene.camera = thing


def _render(size_px: int, samples: int) -> Floats:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.seed = 1
    scene.cycles.use_adaptive_sampling = True
    scene.cycles.use_denoising = True
    scene.cycles_curves.shape = "RIBBONS"
    scene.render.film_transparent = True
    scene.render.resolution_x = scene.render.resolution_y = size_px
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.view_settings.view_transform = "Filmic"
    scene.view_settings.look = "Medium High Contrast"
    file = Path(tempfile.mkdtemp()) / "portrait.png"
    scene.render.filepath = str(file)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(file))
    pixels = np.empty(size_px * size_px * 4, np.float32)
    image.pixels.foreach_get(pixels)
    return np.asarray(pixels.reshape(size_px, size_px, 4)[::-1], np.float64)
