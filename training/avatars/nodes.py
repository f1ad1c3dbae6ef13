"""Blender's meshes and materials, in few words."""

import tempfile
from pathlib import Path

import bpy
import numpy as np

from training.avatars.body import Floats, Ints
from training.avatars.people import Colour


def place(points: Floats) -> Floats:
    """Blender's z is up."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1)


def mesh(name: str, points: Floats, faces: Ints, uv: Floats | None = None) -> bpy.types.Object:
    """A thing of some of the points: those that the faces name. uv: where each corner lies in a picture."""
    used, numbers = np.unique(faces, return_inverse=True)
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(place(points[used]).tolist(), [], numbers.reshape(faces.shape).tolist())
    if uv is not None:
        layer = mesh.uv_layers.new(name="uv")
        layer.data.foreach_set("uv", uv.reshape(-1))
    mesh.polygons.foreach_set("use_smooth", [True] * len(faces))
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.collection.objects.link(thing)
    return thing


def smooth(thing: bpy.types.Object, levels: int) -> None:
    """Divide the faces so many times."""
    modifier = thing.modifiers.new("smooth", "SUBSURF")
    modifier.levels = modifier.render_levels = levels


def material(thing: bpy.types.Object, name: str) -> tuple[bpy.types.NodeTree, bpy.types.Node]:
    """Give the thing a material of its own; return its nodes and the shader."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    thing.data.materials.append(material)
    return material.node_tree, material.node_tree.nodes["Principled BSDF"]


def node(tree: bpy.types.NodeTree, kind: str, **values: object) -> bpy.types.Node:
    """Add a node; values are its inputs, or its own settings."""
    node = tree.nodes.new(kind)
    for name, value in values.items():
        if name in node.inputs:
            node.inputs[name].default_value = value
        else:
            setattr(node, name, value)
    return node


def mix(tree: bpy.types.NodeTree, factor: object, one: object, two: object) -> object:
    """The colour between two; each may be a socket or a value."""
    node = tree.nodes.new("ShaderNodeMix")
    node.data_type = "RGBA"
    for socket, value in ((node.inputs[0], factor), (node.inputs[6], one), (node.inputs[7], two)):
        if isinstance(value, bpy.types.NodeSocket):
            tree.links.new(value, socket)
        else:
            socket.default_value = (*value, 1.0) if isinstance(value, tuple) else value
    return node.outputs[2]


def mask(tree: bpy.types.NodeTree, picture: bytes, name: str) -> object:
    """A grey JPEG as a factor, laid on by the uv of the mesh."""
    file = Path(tempfile.mkdtemp()) / f"{name}.jpg"
    file.write_bytes(picture)
    made = node(tree, "ShaderNodeTexImage")
    made.image = bpy.data.images.load(str(file))
    made.image.colorspace_settings.name = "Non-Color"
    return made.outputs["Color"]


def scaled(colour: Colour, by: Colour) -> Colour:
    """A colour, each channel times its own factor."""
    return (colour[0] * by[0], colour[1] * by[1], colour[2] * by[2])


def steps(tree: bpy.types.NodeTree, value: object, low: float, high: float, top: float) -> object:
    """A value from low..high mapped onto 0..top, and cut off outside."""
    made = node(tree, "ShaderNodeMapRange")
    for name, number in (("From Min", low), ("From Max", high), ("To Max", top)):
        made.inputs[name].default_value = number
    tree.links.new(value, made.inputs["Value"])
    return made.outputs["Result"]


def times(tree: bpy.types.NodeTree, value: object, factor: float) -> object:
    """A value times a factor."""
    made = node(tree, "ShaderNodeMath", operation="MULTIPLY")
    tree.links.new(value, made.inputs[0])
    made.inputs[1].default_value = factor
    return made.outputs[0]
