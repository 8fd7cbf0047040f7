"""The rows of tests/vectors/consul-template.jsonl over HTTP: python3 consul-vectors.py TOP DIR ADDRESS prepares the answers of
the agent (consul-agent.py) that has DIR, runs consul-template on each row and writes TAP. Not every row can be the same
over HTTP: time goes on, a key that is not there is waited for, and the status is what the checks come to."""
import base64, json, os, re, subprocess, sys

top, dir, address = sys.argv[1:]
with open(top + "/tests/vectors/consul-template-brain.json") as f:
    brain = json.load(f)
rows = [json.loads(line) for line in open(top + "/tests/vectors/consul-template.jsonl")]

def pair(key, value):
    return {"Key": key, "Value": base64.b64encode(value.encode()).decode(), "Flags": 0,
            "CreateIndex": 0, "ModifyIndex": 0, "LockIndex": 0, "Session": ""}

def instance(s):
    return {"Node": {"ID": s["NodeID"], "Node": s["Node"], "Address": s["NodeAddress"],
                     "TaggedAddresses": s["NodeTaggedAddresses"], "Meta": s["NodeMeta"]},
            "Service": {"ID": s["ID"], "Service": s["Name"], "Tags": s["Tags"], "Address": s["Address"], "Port": s["Port"],
                        "Meta": s["ServiceMeta"]},
            "Checks": None}

answers = {}
for name, value in brain.items():
    what, _, word = name.partition("(")
    word = word.rstrip(")")
    if what in ("kv.block", "kv.get"):
        if value is not None:
            answers["v1_kv_" + word] = [pair(word, value)]
    elif what == "kv.list":
        answers["v1_kv_" + word] = [pair(p["Path"], p["Value"]) for p in value]
    elif what == "catalog.services":
        answers["v1_catalog_services"] = {s["Name"]: s["Tags"] for s in value}
    elif what == "catalog.nodes":
        answers["v1_catalog_nodes"] = value
    elif name == "health.service(prod.web@dc1~n1|passing,warning)":
        answers["v1_health_service_web_prod"] = [instance(s) for s in value]
    elif what == "health.service":
        answers["v1_health_service_" + word.split("|")[0]] = [instance(s) for s in value]
for name, value in answers.items():
    with open(os.path.join(dir, name), "w") as f:
        f.write("200\nX-Consul-Index: 5\n\n" + json.dumps(value))
with open(dir + "/v1_catalog_node_nope", "w") as f:
    f.write("200\nX-Consul-Index: 5\n\nnull")
with open(dir + "/v1_catalog_datacenters", "w") as f:
    f.write("200\n\n[]")

env = {k: v for k, v in os.environ.items() if not k.startswith("CONSUL_")}
env.update(FOO="bar", EMPTY="")
env.pop("NOPE", None)
work = os.path.join(dir, "work")
os.mkdir(work)
for n, row in enumerate(rows, 1):
    template, out = "%s/%d.tmpl" % (work, n), "%s/%d" % (work, n)
    with open(template, "w") as f:
        f.write(row["template"])
    args = ["consul-template", "-consul-addr", address, "-once", "-template", template + ":" + out]
    waits = "kv.block(nokey)" in row.get("missing", [])
    try:
        p = subprocess.run(args, env=env, capture_output=True, text=True, timeout=0.5 if waits else 20)
        code, err = p.returncode, p.stderr
    except subprocess.TimeoutExpired:
        code, err = "none: it waits", ""
    got = open(out, newline="").read() if os.path.exists(out) else None
    if waits:
        ok, want = got is None and code == "none: it waits", "nothing: it waits"
    elif row["ok"]:
        want = row["expected"].replace('"Status":"warning"', '"Status":"passing"')
        if row["template"] == "{{ timestamp }}":
            want = got if got and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", got) else want
        ok = code == 0 and got == want
    else:
        place = re.search(r"template: :(\d+):(\d+)", row["error"])
        want = "%s:%s:%d: " % (template, place.group(1), int(place.group(2)) + 1)
        ok = code == 14 and want in err and got is None
    print("%s %d - %s" % ("ok" if ok else "not ok", n, row["template"].replace("\n", " ").replace("#", "")))
    if not ok:
        print("\n".join("# " + line for line in ("exit code %s\ngot %r\nwant %r\n%s" % (code, got, want, err)).split("\n")))
print("1..%d" % len(rows))
