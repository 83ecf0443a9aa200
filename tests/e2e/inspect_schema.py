"""Tries `clio inspect --schema` on graphs: it is a schema of draft 2020-12, takes
every shipped graph whose stages are installed, and refuses what is wrong.

usage: inspect_schema.py SCHEMA STAGES SOURCE"""
import glob
import json
import sys

import jsonschema
import yaml

schema_file, stages_file, source = sys.argv[1:]
schema = json.load(open(schema_file, encoding="utf-8"))
installed = set(open(stages_file, encoding="utf-8").read().split())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)


def errors(graph):
    return ["/".join(map(str, e.absolute_path)) + ": " + e.message for e in validator.iter_errors(graph)]


def uses(graph):
    for stage in graph["stages"].values():
        yield from [stage["use"]] if isinstance(stage["use"], str) else []


good = [{"clio": 1, "stages": {"a": {"use": "report/json", "from": "b"}}}]
budget = {"max_cost": "${n}", "max_tokens": 5, "prices": None, "free": ["small"]}
good.append({"clio": 1, "budget": budget, "stages": {"a": {"use": "report/json", "from": "b"}}})
good.append({"clio": 1, "stages": {"a": {"use": ["embedder/none", "embedder/lsa"], "x": 1}}})
for name in glob.glob(source + "/configs/*.yaml") + [source + "/tests/graph/design.yaml"]:
    graph = yaml.safe_load(open(name, encoding="utf-8"))
    if isinstance(graph, dict) and "stages" in graph and installed.issuperset(uses(graph)):
        good.append(graph)
for graph in good:
    found = errors(graph)
    assert not found, found

sampler = {"use": "sampler/random", "from": "a", "size": 10}
bad = {
    "clio": 2,
    "seed": -1,
    "stage": {},
    "privacy": {"mode": "secret"},
    "name": "../../evil",
    "budget": {"usd": 3},
    "vars": {"input": []},
    "stages": {"B": dict(sampler)},
}
for key, value in bad.items():
    graph = {"clio": 1, "stages": {"b": dict(sampler)}}
    assert not errors(graph), errors(graph)
    graph[key] = value
    assert errors(graph), (key, value)
for cluster in ({"accounts": 0}, {"organizations": "some"}, {"acounts": 25}, 25):
    assert errors({"clio": 1, "privacy": {"cluster": cluster}, "stages": {"b": dict(sampler)}}), cluster
assert errors({"clio": 1}) and errors({"stages": {"b": dict(sampler)}}) and errors([])
for key, value in {"size": "ten", "sise": 10, "from": 3, "use": "sampler/none"}.items():
    graph = {"clio": 1, "stages": {"b": {**sampler, key: value}}}
    assert errors(graph), key
print(len(good), "graphs taken,", len(bad) + 11, "refused")
