namespace Llama2.Architectures;

/// <summary>The metadata keys of the parts into which llama.cpp's gguf-split divides a model.</summary>
internal static class SplitKeys
{
    /// <summary>The number of the part, from 0.</summary>
    public const string Number = "split.no";

    /// <summary>The number of parts.</summary>
    public const string Count = "split.count";

    /// <summary>The number of tensors of all parts together.</summary>
    public const string TensorCount = "split.tensors.count";

    /// <summary>All keys of this class. A file that is not split has none of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Number, Count, TensorCount];
}
