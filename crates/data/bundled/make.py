"""How the bundled data sets were made from their sources.

Usage: python make.py SOURCE_FOLDER

SOURCE_FOLDER holds the folders `mfeat-views`, `fsdd` and `nutrimouse` in the form described in the
NOTICE file of each bundled data set. Needs pyarrow (any version since 15). Every value is kept: the
text numbers of the CSV files are stored as the nearest 32-bit floats (integer columns as 8- or
16-bit integers), which print back to the same digits; tensors are stored with their own type.
"""

import csv
import json
import pathlib
import struct
import sys

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).resolve().parent
DIGIT_VIEWS = ["fou", "fac", "kar", "pix", "zer", "mor"]
INTEGERS = [(pa.int8(), -(2**7), 2**7), (pa.int16(), -(2**15), 2**15)]


def number_column(texts, where):
    """int8/int16 where every text is such an integer, else float32 that prints back to the text's digits."""
    values = [float(t) for t in texts]
    if all(v.is_integer() for v in values):
        for kind, low, high in INTEGERS:
            if all(low <= v < high for v in values):
                return pa.array([int(v) for v in values], kind)
    for text, value in zip(texts, values):
        single = struct.unpack("<f", struct.pack("<f", value))[0]
        # at most six significant digits always survive a 32-bit float
        if float(f"{single:.6g}") != float(f"{value:.6g}") or float(f"{value:.6g}") != value:
            raise SystemExit(f"{where}: {text} does not survive 32 bits")
    return pa.array(values, pa.float32())


def read_csv(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    return rows[0], rows[1:]


def write(table, path, floats=(), fixed=False):
    """One row group, zstd; `floats` byte-split first, the others dictionary-coded; `fixed` keeps list sizes."""
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=22,
        row_group_size=max(1, table.num_rows),
        use_dictionary=[c for c in table.column_names if c not in floats],
        column_encoding={c: "BYTE_STREAM_SPLIT" for c in floats} or None,
        write_statistics=False,
        store_schema=fixed,
        data_page_size=1 << 26,
        dictionary_pagesize_limit=1 << 26,
    )
    print(path.name, path.stat().st_size, "bytes,", table.num_rows, "rows,", table.num_columns, "columns")


def digits(source):
    columns, labels = {}, None
    for view in DIGIT_VIEWS:
        _, rows = read_csv(source / f"mfeat-{view}.csv")  # the first line only numbers the columns
        assert len(rows) == 2000
        own = [int(row[-1]) for row in rows]
        assert labels is None or own == labels, "the views are not aligned"
        labels = own
        for k in range(len(rows[0]) - 1):
            columns[f"{view}_{k}"] = number_column([row[k] for row in rows], f"{view}_{k}")
    part = ["train" if r % 200 < 140 else "val" if r % 200 < 160 else "test" for r in range(2000)]
    columns["digit"] = pa.array(labels, pa.int8())
    columns["split"] = pa.array(part, pa.string())
    table = pa.table(columns)
    # byte-split or dictionary, whichever is smaller for the column, decided by writing it alone
    floats = []
    for name in table.column_names:
        if pa.types.is_floating(table[name].type):
            sizes = []
            for split in [[], [name]]:
                sink = pa.BufferOutputStream()
                pq.write_table(table.select([name]), sink, compression="zstd", compression_level=22,
                               use_dictionary=not split, write_statistics=False, store_schema=False,
                               column_encoding={name: "BYTE_STREAM_SPLIT"} if split else None)
                sizes.append(sink.getvalue().size)
            if sizes[1] < sizes[0]:
                floats.append(name)
    write(table, HERE / "digits" / "digits.parquet", floats)


def tensors(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    base = 8 + size
    return {k: (v["dtype"], v["shape"], data[base + v["data_offsets"][0] : base + v["data_offsets"][1]]) for k, v in header.items()}


KINDS = {"F32": ("f", pa.float32()), "U8": ("B", pa.uint8()), "I16": ("h", pa.int16())}


def flat(tensor):
    kind, shape, raw = tensor
    code, arrow = KINDS[kind]
    return pa.array(struct.unpack(f"<{len(raw) // struct.calcsize(code)}{code}", raw), arrow), shape


def fsdd(source):
    features = tensors(source / "fsdd_features.safetensors")
    values, shape = flat(features["logmel320"])
    audio = pa.FixedSizeListArray.from_arrays(values, shape[1])
    write(pa.table({"logmel": audio}), HERE / "fsdd" / "audio.parquet", ["logmel.list.element"], fixed=True)
    values, shape = flat(features["digits8x8"])
    image = pa.FixedSizeListArray.from_arrays(values, shape[1])
    label, _ = flat(features["digits_label"])
    write(pa.table({"image": image, "label": label}), HERE / "fsdd" / "image.parquet", fixed=True)

    index = tensors(source / "m3mini_index.safetensors")
    columns = {}
    for words in [2, 5]:
        for part in ["train", "val", "test"]:
            for name in ["audio", "image", "lang", "cls", "text_cls", "text_lang"]:
                values, shape = flat(index[f"w{words}.{part}.{name}"])
                stem = f"w{words}.{name}"
                if len(shape) == 1:
                    columns.setdefault(stem, []).append(values)
                else:
                    for k in range(shape[1]):
                        columns.setdefault(f"{stem}.{k}", []).append(values[k :: shape[1]])
    sizes = [len(a) for a in columns["w2.audio"]]
    columns = {k: pa.concat_arrays(v) for k, v in columns.items()}
    columns["split"] = pa.array([p for p, n in zip(["train", "val", "test"], sizes) for _ in range(n)])
    write(pa.table(columns), HERE / "fsdd" / "m3mini.parquet")


def nutrimouse(source):
    """One CSV: gene_*, lipid_*, diet, genotype; the numbers' text is copied unchanged."""
    names, rows = [], [[] for _ in range(40)]
    for file, prefix in [("gene", "gene_"), ("lipid", "lipid_"), ("diet", ""), ("genotype", "")]:
        head, body = read_csv(source / f"{file}.csv")
        assert len(body) == 40
        names += [prefix + h if prefix else file for h in head]
        for out, row in zip(rows, body):
            out += row
    with open(HERE / "nutrimouse" / "nutrimouse.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(names)
        out.writerows(rows)
    print("nutrimouse.csv", len(names), "columns")


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    digits(root / "mfeat-views")
    fsdd(root / "fsdd")
    nutrimouse(root / "nutrimouse")
