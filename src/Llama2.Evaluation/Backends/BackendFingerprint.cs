using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Llama2.Evaluation.Backends;

/// <summary>Identifies backends and requests by hashes, so that stored responses are used only for the same request of the same model.</summary>
internal static class BackendFingerprint
{
    /// <summary>Identifies a model together with the options that responses depend on.</summary>
    public static string Of(ILlamaModel model, ModelBackendOptions options, RequestEncoder encoder)
    {
        var text = new StringBuilder(model.Fingerprint);
        text.Append(CultureInfo.InvariantCulture, $"|context {model.ContextLength}|bos {encoder.AddsBeginOfSequence}|seed {options.Seed}|format {FormatOf(model, options)}");
        text.Append('|').Append((model as LlamaModel)?.ResultSettings);
        foreach (LlamaAdapterUse use in options.Computation?.Adapters ?? [])
            text.Append(CultureInfo.InvariantCulture, $"|adapter {use.Adapter.Fingerprint} {use.Scale:R}");
        return text.ToString();
    }

    // A detected format follows from the chat template, which is not part of the model's fingerprint.
    private static string FormatOf(ILlamaModel model, ModelBackendOptions options)
        => options.PromptFormat?.Name ?? $"of {Convert.ToHexStringLower(SHA256.HashData(Encoding.Unicode.GetBytes(model.ChatTemplate ?? ""))[..8])}";

    /// <summary>A seed for a generation: the same for the same request, and different for each repeat.</summary>
    public static ulong SeedOf(ulong seed, GenerationRequest request)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HashOf(request, seed.ToString(CultureInfo.InvariantCulture), hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }

    /// <summary>Identifies a request to a backend: 32 hexadecimal digits.</summary>
    public static string KeyOf(EvaluationRequest request, string fingerprint)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HashOf(request, fingerprint, hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    private static void HashOf(EvaluationRequest request, string salt, Span<byte> destination)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, salt);
        switch (request)
        {
            case LogLikelihoodRequest likelihood:
                Append(hash, "likelihood");
                Append(hash, likelihood.Context);
                Append(hash, likelihood.Continuation);
                break;
            case RollingLogLikelihoodRequest rolling:
                Append(hash, "rolling");
                Append(hash, rolling.Text);
                break;
            case GenerationRequest generation:
                Append(hash, "generation");
                Append(hash, generation.Prompt);
                Append(hash, string.Create(CultureInfo.InvariantCulture, $"{generation.MaxTokens} {generation.Temperature:R} {generation.TopP:R} {generation.TopK} {generation.Repeat}"));
                foreach (string stop in generation.StopSequences)
                    Append(hash, stop);
                break;
            default:
                throw new NotSupportedException($"Requests of the type {request.GetType().Name} cannot be stored.");
        }

        hash.GetHashAndReset(destination);
    }

    private static void Append(IncrementalHash hash, EvaluationPrompt prompt)
    {
        Append(hash, prompt.Text);
        foreach (LlamaMessage message in prompt.Messages ?? [])
        {
            Append(hash, message.Role.ToString());
            Append(hash, message.Content);
            if (message.ToolCalls.Count > 0 || message.ToolName is not null || message.ToolCallId is not null)
                AppendTools(hash, message);
        }
    }

    private static void AppendTools(IncrementalHash hash, LlamaMessage message)
    {
        Append(hash, string.Create(CultureInfo.InvariantCulture, $"tools {message.ToolCalls.Count}"));
        AppendOptional(hash, message.ToolName);
        AppendOptional(hash, message.ToolCallId);
        foreach (LlamaToolCall call in message.ToolCalls)
        {
            Append(hash, call.Name);
            Append(hash, call.Arguments.GetRawText());
            AppendOptional(hash, call.Id);
        }
    }

    private static void AppendOptional(IncrementalHash hash, string? text)
    {
        Append(hash, text is null ? "null" : "text");
        Append(hash, text ?? "");
    }

    // The length before each text keeps different lists of texts from having the same bytes.
    private static void Append(IncrementalHash hash, string text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        hash.AppendData(length);
        hash.AppendData(Encoding.Unicode.GetBytes(text));
    }
}
