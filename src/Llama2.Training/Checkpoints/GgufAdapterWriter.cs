using Llama2.Formats.Gguf;
using Llama2.Training.Model;

namespace Llama2.Training.Checkpoints;

/// <summary>Writes adapters as GGUF, with the names that llama.cpp's <c>convert_lora_to_gguf.py</c> gives them.</summary>
internal static class GgufAdapterWriter
{
    /// <exception cref="IOException">It cannot be written there.</exception>
    public static void Write(string path, IReadOnlyList<Parameter> parameters, LoraOptions options, string name)
    {
        using var writer = new GgufWriter(path);
        writer.Add("general.architecture", "llama");
        writer.Add("general.type", "adapter");
        writer.Add("general.name", name);
        writer.Add("adapter.type", "lora");
        // Readers divide by the rank, whatever the adapter was trained with.
        writer.Add("adapter.lora.alpha", options.Scale * options.Rank);
        GgufParameters.Write(writer, parameters);
    }
}
