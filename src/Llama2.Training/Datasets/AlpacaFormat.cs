using System.Text.Json;

namespace Llama2.Training.Datasets;

/// <summary>Reads Stanford Alpaca's format: an instruction, an optional input, and an output (github.com/tatsu-lab/stanford_alpaca, train.py).</summary>
internal sealed class AlpacaFormat(bool usesAlpacaPrompt) : IRecordFormat
{
    public DatasetFormat Format => DatasetFormat.Alpaca;

    public bool Matches(JsonElement record) => RecordFields.Has(record, "instruction") && RecordFields.Has(record, "output");

    public DatasetRecord Read(JsonElement record)
    {
        string instruction = RecordFields.RequireText(record, "instruction");
        var answer = LlamaMessage.Assistant(RecordFields.RequireText(record, "output"));
        string? input = RecordFields.FindText(record, "input");
        if (string.IsNullOrWhiteSpace(input))
        {
            return new DatasetRecord([LlamaMessage.User(instruction), answer]);
        }

        return usesAlpacaPrompt
            ? new DatasetRecord([LlamaMessage.User(instruction), LlamaMessage.System(input), answer]) { PromptFormat = PromptFormat.AlpacaInput }
            : new DatasetRecord([LlamaMessage.User($"{instruction}\n\n{input}"), answer]);
    }
}
