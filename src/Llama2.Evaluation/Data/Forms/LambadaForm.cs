using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// LAMBADA (Paperno et al. 2016, arXiv 1606.06031) in OpenAI's form: <c>lambada_test.jsonl</c>; translations are <c>lambada_test_de.jsonl</c> and similar.
/// </summary>
internal sealed class LambadaForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        string file = search.Name is null or "default" ? "lambada_test.jsonl" : $"lambada_test_{search.Name}.jsonl";
        return search.Split == "test" && search.Find(file, $"data/{file}") is { } path ? JsonLinesFile.Read(path, search.Options) : null;
    }
}
