using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// MBPP (Austin et al. 2021, arXiv 2108.07732): <c>mbpp.jsonl</c> (configuration <c>full</c>) and <c>sanitized-mbpp.json</c> (<c>sanitized</c>). The
/// number of a task states its split.
/// </summary>
internal sealed class MbppForm : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search)
    {
        (int First, int Last)? tasks = search.Split switch
        {
            "prompt" => (1, 10),
            "test" => (11, 510),
            "validation" => (511, 600),
            "train" => (601, 974),
            _ => null,
        };
        string? file = search.Name switch
        {
            null or "full" => "mbpp.jsonl",
            "sanitized" => "sanitized-mbpp.json",
            _ => null,
        };
        if (tasks is not { } range || file is null || search.Find(file, $"data/{file}") is not { } path)
            return null;
        var fields = new FieldReader(path, search.Options);
        return fields.ConvertMany(RowFile.Read(path, search.Options), row =>
        {
            long number = fields.Integer(row, "task_id");
            return number < range.First || number > range.Last ? [] : [json => FieldReader.CopyAll(row, json)];
        });
    }
}
