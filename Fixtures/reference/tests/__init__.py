"""The laws of the reference replica: `python3 -B -m unittest` in the folder above."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WIRE = ROOT / "Fixtures" / "wire"
PROTOCOL = ROOT / "Protocol"
