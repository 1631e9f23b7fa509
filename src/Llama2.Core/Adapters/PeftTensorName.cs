namespace Llama2.Adapters;

/// <summary>The name of a PEFT tensor, such as <c>base_model.model.MODULE.lora_A.weight</c>, split into its parts.</summary>
/// <param name="Module">The module, as the model names it.</param>
/// <param name="Kind">The meaning of the tensor.</param>
/// <param name="Other">If the tensor is one of two factors, the name of the other; else null.</param>
internal readonly record struct PeftTensorName(string Module, PeftTensorKind Kind, string? Other)
{
    /// <summary>The prefix of all names.</summary>
    public const string Prefix = "base_model.model.";

    private const string Weight = ".weight";

    // Longer endings come first. If the weights were saved without PEFT's own function, the tensors' names also contain the adapter's name.
    private static readonly (string Part, PeftTensorKind Kind, string? Other)[] s_factors =
    [
        (".lora_A", PeftTensorKind.A, ".lora_B"),
        (".lora_B", PeftTensorKind.B, ".lora_A"),
        (".lora_magnitude_vector", PeftTensorKind.Magnitudes, null),
        (".lora_embedding_A", PeftTensorKind.EmbeddingA, ".lora_embedding_B"),
        (".lora_embedding_B", PeftTensorKind.EmbeddingB, ".lora_embedding_A"),
        // Although its name says so, the tensor has no differences but the rows themselves.
        (".token_adapter.trainable_tokens_delta", PeftTensorKind.TokenRows, null),
        (".token_adapter.base_layer", PeftTensorKind.FrozenCopy, null),
        (".base_layer", PeftTensorKind.FrozenCopy, null),
        (".original_module", PeftTensorKind.FrozenCopy, null),
        (".modules_to_save", PeftTensorKind.Replacement, null),
    ];

    /// <summary>Splits a name into its parts; null if it is not PEFT's name of a weight.</summary>
    public static PeftTensorName? Parse(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        // Factors of embeddings are parameters themselves, so their names have no ".weight". The names of magnitudes have ".weight" if they were saved without
        // PEFT's own function.
        string rest = name[Prefix.Length..];
        bool isWeight = rest.EndsWith(Weight, StringComparison.Ordinal);
        string body = isWeight ? rest[..^Weight.Length] : rest;
        foreach ((string part, PeftTensorKind kind, string? other) in s_factors)
        {
            bool isParameter = kind == PeftTensorKind.Magnitudes ? !isWeight : kind is PeftTensorKind.EmbeddingA or PeftTensorKind.EmbeddingB or PeftTensorKind.TokenRows;
            if (isWeight == isParameter || !TrySplit(body, part, out int start))
            {
                continue;
            }

            return new PeftTensorName(body[..start], kind, other is null ? null : string.Concat(Prefix, rest.AsSpan(0, start), other, rest.AsSpan(start + part.Length)));
        }

        return isWeight && body.Length > 0 ? new PeftTensorName(body, PeftTensorKind.Replacement, null) : null;
    }

    // The part must be at the end of the body, or be followed only by the adapter's name.
    private static bool TrySplit(string body, string part, out int start)
    {
        start = body.LastIndexOf(part, StringComparison.Ordinal);
        int end = start + part.Length;
        return start > 0 && (end == body.Length || (body[end] == '.' && end + 1 < body.Length && body.IndexOf('.', end + 1) < 0));
    }
}
