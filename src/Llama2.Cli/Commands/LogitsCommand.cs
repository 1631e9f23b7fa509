using System.Buffers.Binary;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Formats;

namespace Llama2.Cli.Commands;

/// <summary>
/// <c>llama2 logits</c>: writes the logits of every token of a sequence to a file, to compare them with those of other implementations.
/// </summary>
internal static class LogitsCommand
{
    public const string Examples = """
        llama2 logits model.gguf --tokens 1,9038,2501,263,931 --output logits.f32
        """;

    public static Command Create(ConsoleHost host)
    {
        Argument<string> model = InputPath.Argument("MODEL", $"The model: {InputPath.AnyModel}.");
        Option<int?> threads = ModelLoading.ThreadsOption();
        Option<RopeScaling?> ropeScaling = RopeScalingOption.Create();
        Option<KeyValueCacheType?> cacheType = ModelLoading.CacheTypeOption();
        var tokens = new Option<int[]>("--tokens")
        {
            Description = "Token ids separated by commas, used unchanged: begin with the begin-of-sequence token (1).",
            HelpName = "IDS",
            Required = true,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = ParseTokens,
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The file to write: little-endian 32-bit floats, a row of the vocabulary's length for each token.",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("logits", "Computes the logits of every token of a sequence and writes them to a file.") { model, tokens, output, ropeScaling, cacheType, threads };
        command.SetAction((result, cancellationToken) => RunAsync(
            InputPath.RequireModel(result.GetRequiredValue(model), host),
            result.GetRequiredValue(tokens),
            result.GetRequiredValue(output),
            new LlamaModelOptions { ThreadCount = result.GetValue(threads), KeyValueCacheType = result.GetValue(cacheType), RopeScaling = result.GetValue(ropeScaling) },
            host,
            cancellationToken));
        return command;
    }

    private static int[]? ParseTokens(ArgumentResult result)
    {
        string[] parts = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries);
        int[] ids = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out ids[i]))
            {
                result.AddError($"--tokens: '{PrintableText.Shorten(parts[i], 40)}' is not a token id; give whole numbers with commas between them, such as 1,2,3.");
                return null;
            }
        }

        return ids;
    }

    private static async Task<int> RunAsync(string modelPath, int[] tokens, string path, LlamaModelOptions options, ConsoleHost host, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        // The file is opened first, so that missing write permission is reported before the logits are computed, not after.
        using var file = new AtomicFile(OutputPath.Require(path));
        if (options.RopeScaling is not null || AdaptsTo(tokens.Length, modelPath))
        {
            options = options with { ContextLength = tokens.Length };
        }

        using LlamaModel model = await LlamaModel.LoadAsync(modelPath, options, progress: null, cancellationToken).ConfigureAwait(false);
        float[] logits = await model.ComputeLogitsAsync(tokens, cancellationToken: cancellationToken).ConfigureAwait(false);
        Write(file.Stream, logits, model.Configuration.VocabularySize);
        cancellationToken.ThrowIfCancellationRequested();
        file.Commit();
        WrittenFile.Tell(host, path, Stopwatch.GetElapsedTime(start));
        return ExitCodes.Success;
    }

    // Whether this number of tokens exceeds the context length in the model's file, and the model can adapt to so many tokens because its RoPE
    // scaling is dynamic. Then the RoPE base depends on the context length.
    private static bool AdaptsTo(int length, string modelPath) =>
        ModelFileInformation.Read(modelPath).Configuration is { RopeScaling.Type: RopeScalingType.DynamicNtk } configuration && length > configuration.ContextLength;

    private static void Write(Stream stream, float[] logits, int rowLength)
    {
        byte[] row = new byte[rowLength * sizeof(float)];
        for (int start = 0; start < logits.Length; start += rowLength)
        {
            for (int i = 0; i < rowLength; i++)
                BinaryPrimitives.WriteSingleLittleEndian(row.AsSpan(i * sizeof(float)), logits[start + i]);
            stream.Write(row);
        }
    }
}
