"""The package safetensors opens a release, and finds the tensors and the card that the other formats have."""
import json
import os
import subprocess

import numpy
import onnx
import onnx.numpy_helper
from safetensors import safe_open
from safetensors.numpy import load_file


def release(form, out, *options):
    checkpoint = os.environ['RUN'] + '/epoch-0002.safetensors'
    subprocess.run(['ckpt-release', '--records', os.environ['RUN'], '-F', form, '-o', out, *options, checkpoint], check=True)


for form in 'safetensors', 'onnx', 'c':
    release(form, 'release.' + form)
with safe_open('release.safetensors', 'numpy') as file:
    metadata = file.metadata()
model = onnx.load('release.onnx')
with open('release.h', encoding='utf-8') as file:
    header = file.read()
tensors = load_file('release.safetensors')
others = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
assert tensors, 'there are no tensors'
assert all(numpy.array_equal(others[name], tensor) for name, tensor in tensors.items()), 'other tensors'
cards = [metadata['card'], model.metadata_props[0].value, header[header.index('{\n'):header.index('*/')]]
assert cards[1:] == cards[:-1], 'other cards'
card = json.loads(cards[0])
assert card['model'] == metadata['model'] and card['train.samples'] == int(metadata['train.samples'])
