"""The people in 3D of the stock catalog: who they are, how they are shaped, lit and photographed."""
