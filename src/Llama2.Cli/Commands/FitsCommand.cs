using System.CommandLine;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Memory;
using static System.FormattableString;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 fits</c>: shows, without loading a model, how much memory the model would take, and whether that much is available.</summary>
internal sealed class FitsCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 fits model.gguf
          llama2 fits owner/repository:Q4_K_M --context 4096
          llama2 fits model.gguf --cache-type Q8_0 --json | jq .requiredByteSize
        """;

    private readonly Argument<string> _model = InputPath.Argument("MODEL", $"The model: {InputPath.AnyModel}.");

    private readonly LoadingOptions _loading = new(hasPanelFile: false);

    private readonly Option<bool> _json = new("--json") { Description = "Writes the sizes in bytes as one JSON object." };

    public Command Create()
    {
        var command = new Command("fits", "Shows, without loading a model, how much memory the model would take, and fails if less is available.") { _model };
        foreach (Option option in _loading.All)
            command.Options.Add(option);
        command.Options.Add(_json);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        string path = InputPath.RequireModel(result.GetRequiredValue(_model), host);
        LlamaMemoryEstimate estimate = LlamaModel.EstimateMemory(path, ModelLoading.Resolve(_loading.Read(result), host));
        if (result.GetValue(_json))
            WriteJson(estimate);
        else
            Write(estimate);
        return estimate.Fits ? ExitCodes.Success : throw new CommandException(
            $"The model needs {ByteSizeText.Needed(estimate.RequiredByteSize)}, and {ByteSizeText.Available(estimate.AvailableByteSize)} are available. Set a shorter --context, a smaller --cache-type, or use a model with fewer bits.");
    }

    private void Write(LlamaMemoryEstimate estimate)
    {
        (string Name, string Size)[] draft = estimate.DraftModelByteSize > 0 ? [("Draft model", ByteSizeText.Needed(estimate.DraftModelByteSize))] : [];
        (string Name, string Size)[] rows =
        [
            ("Weights", ByteSizeText.Needed(estimate.WeightByteSize)),
            ("Buffers", ByteSizeText.Needed(estimate.ActivationByteSize)),
            ("Context", Invariant($"{ByteSizeText.Needed(estimate.ContextByteSize)} for {estimate.ContextLength:N0} tokens of keys and values in {estimate.KeyValueCacheType}")),
            .. draft,
            ("Needed", ByteSizeText.Needed(estimate.RequiredByteSize)),
            ("Available", ByteSizeText.Available(estimate.AvailableByteSize)),
        ];
        TextTable.Write(host.Output, host.OutputWidth, ["Memory", "Size"], [], rows, (row, cells) =>
        {
            cells[0].Append(row.Name);
            cells[1].Append(row.Size);
        });
    }

    private void WriteJson(LlamaMemoryEstimate estimate) => JsonOutput.Write(host.OutputStream, json =>
    {
        json.WriteNumber("weightByteSize", estimate.WeightByteSize);
        json.WriteNumber("activationByteSize", estimate.ActivationByteSize);
        json.WriteNumber("contextLength", estimate.ContextLength);
        json.WriteString("keyValueCacheType", estimate.KeyValueCacheType.ToString());
        json.WriteNumber("contextByteSize", estimate.ContextByteSize);
        json.WriteNumber("keyValueCacheByteSize", estimate.KeyValueCacheByteSize);
        json.WriteNumber("draftModelByteSize", estimate.DraftModelByteSize);
        json.WriteNumber("requiredByteSize", estimate.RequiredByteSize);
        json.WriteNumber("maxByteSize", estimate.MaxByteSize);
        json.WriteNumber("availableByteSize", estimate.AvailableByteSize);
        json.WriteBoolean("fits", estimate.Fits);
    });
}
