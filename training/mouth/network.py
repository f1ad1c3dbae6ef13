"""The network: speech encoder features -> ARKit weights of the lower face, contacts, brows and nods."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from engine.arkit import LOWER_FACE
from engine.motion.encoder import FEATURES
from engine.motion.listen import COLUMNS, PER_FEATURE
from engine.motion.visemes import KNOWN, SHORT

KERNEL = 3
TAPS, STEP = 9, 3  # of the correction: answers it reads, and how far apart they are
REACH = (TAPS - 1) // 2 * STEP  # answers on either side: 0.14 s
SHUT = COLUMNS.index("mouthClose")
PHONEMES = [COLUMNS.index(name) for names in SHORT.values() for name in names[:1]]  # both sides are alike here
SAID = [*PHONEMES, COLUMNS.index("bite"), SHUT]
OPENINGS = [COLUMNS.index(name) for name in ("jawOpen", "mouthLowerDownLeft", "mouthUpperUpLeft")]
READ = len(SAID) + len(OPENINGS)
UNKNOWN = [COLUMNS.index(name) for name in LOWER_FACE if name not in KNOWN and name != "mouthClose"]  # to phonemes
ANEW = [COLUMNS.index("jawOpen"), *UNKNOWN]  # what a correction gives


class Mouth(nn.Module):
    """Dilated convolutions without padding: `context` features on either side are heard and not answered.

    Without padding, a window at a time gives to the last bit what the whole would.
    """

    def __init__(self, width: int, dilations: Sequence[int], dropout: float) -> None:
        super().__init__()
        self.context = sum(dilations) * (KERNEL - 1) // 2
        self.mean = nn.Buffer(torch.zeros(FEATURES))
        self.scale = nn.Buffer(torch.ones(FEATURES))
        self.unheard = nn.Dropout1d(dropout)  # whole features go, so that no small group of them is relied upon
        self.take = nn.Conv1d(FEATURES, width, 1)
        self.blocks = nn.ModuleList(nn.Conv1d(width, width, KERNEL, dilation=step) for step in dilations)
        self.forget = nn.Dropout(dropout)
        self.give = nn.Conv1d(width, PER_FEATURE * len(COLUMNS), 1)

    def forward(self, features: Tensor) -> Tensor:
        """(b, n, FEATURES) -> logits (b, PER_FEATURE * (n - 2 * context), columns)."""
        channels = ((features - self.mean) * self.scale).transpose(1, 2)
        state = nn.functional.gelu(self.take(self.unheard(channels)))
        for block in self.blocks:
            step = int(block.dilation[0])
            state = state[:, :, step:-step] + self.forget(nn.functional.gelu(block(state)))
        answers = self.give(state).transpose(1, 2)
        return answers.reshape(answers.shape[0], -1, len(COLUMNS))


class Corrected(nn.Module):
    """A network of synthetic speech, with all that only real faces tell read from its answers around.

    That are the jaw, whose opening they correct, and the weights of which phonemes say nothing.
    """

    def __init__(self, network: Mouth, kernel: Tensor, bias: Tensor) -> None:
        """kernel: (ANEW, READ, TAPS), of `read` answers that lie STEP apart. bias: (ANEW,)."""
        super().__init__()
        self.network = network
        self.kernel = nn.Buffer(kernel)
        self.bias = nn.Buffer(bias)
        self.context = network.context + REACH // PER_FEATURE
        kept = [column for column in range(len(COLUMNS)) if column not in ANEW]
        self.kept = kept
        self.order = [(ANEW + kept).index(column) for column in range(len(COLUMNS))]

    def forward(self, features: Tensor) -> Tensor:
        """(b, n, FEATURES) -> (b, PER_FEATURE * (n - 2 * context), columns) in 0..1."""
        answers = torch.sigmoid(self.network(features))
        anew = nn.functional.conv1d(read(answers).transpose(1, 2), self.kernel, self.bias, dilation=STEP)
        inner = answers[:, REACH:-REACH]
        return torch.cat([anew.transpose(1, 2).clamp(0, 1), inner[..., self.kept]], dim=2)[..., self.order]


def read(answers: Tensor) -> Tensor:
    """(b, n, columns) -> (b, n, READ): what is said, and what of each opening is left where the lips are shut."""
    return torch.cat([answers[..., SAID], answers[..., OPENINGS] * (1 - answers[..., SHUT, None])], dim=-1)


class Answer(nn.Module):
    """What is shipped: the mean of several networks' answers, in 0..1."""

    def __init__(self, members: Sequence["Mouth | Corrected"]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.contexts = [member.context for member in members]
        self.context = max(self.contexts)

    def forward(self, features: Tensor) -> Tensor:
        """(b, n, FEATURES) -> (b, PER_FEATURE * (n - 2 * context), columns) in 0..1."""
        answers = []
        for member, context in zip(self.members, self.contexts, strict=True):
            spare = self.context - context
            heard = features[:, spare : features.shape[1] - spare]
            answers.append(member(heard) if isinstance(member, Corrected) else torch.sigmoid(member(heard)))
        return torch.stack(answers).mean(0)


def export(answer: Answer, path: Path) -> None:
    """Write the ONNX file, with its columns and its context in the description."""
    import onnx

    torch.onnx.export(
        answer.eval(),
        (torch.zeros(1, 4 * answer.context, FEATURES),),
        str(path),
        input_names=["features"],
        output_names=["mouth"],
        dynamic_axes={"features": {1: "n"}, "mouth": {1: "m"}},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load(str(path))
    model.doc_string = f"Columns: {', '.join(COLUMNS)}; context: {answer.context}"
    onnx.save(model, str(path))
