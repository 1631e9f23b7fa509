using System.Text.Json;

namespace Llama2.Training.Datasets;

/// <summary>Reads a prompt and its completion, each of which is a text or a list of messages.</summary>
internal sealed class PromptCompletionFormat : IRecordFormat
{
    public DatasetFormat Format => DatasetFormat.PromptCompletion;

    public bool Matches(JsonElement record) => RecordFields.Has(record, "prompt") && RecordFields.Has(record, "completion");

    public DatasetRecord Read(JsonElement record) => new(RecordFields.RequireAnswer(
        [.. TurnReader.Read(record, "prompt", LlamaRole.User), .. TurnReader.Read(record, "completion", LlamaRole.Assistant)], "completion"));
}
