using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>HumanEval (Chen et al. 2021, arXiv 2107.03374): <c>HumanEval.jsonl.gz</c>, whose fields are those of the hub.</summary>
internal sealed class HumanEvalForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search) =>
        search.Split == "test" && search.Find("HumanEval.jsonl", "data/HumanEval.jsonl") is { } path ? JsonLinesFile.Read(path, search.Options) : null;
}
