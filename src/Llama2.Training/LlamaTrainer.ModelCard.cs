using System.Text;
using Llama2.Formats;
using Llama2.Training.Export;

namespace Llama2.Training;

public sealed partial class LlamaTrainer
{
    private TrainedData? _trained;

    /// <summary>
    /// Writes a model card in Markdown: the base model, how it was trained, with which data, and what came of it. Named <c>README.md</c> in a folder of
    /// PEFT or safetensors, Hugging Face's hub shows it; beside a GGUF file it is usually named after it.
    /// </summary>
    /// <param name="path">The file to make or replace. A <c>README.md</c> says what its folder holds, which is written before it.</param>
    /// <param name="options">What the trainer does not know; null says nothing of it.</param>
    /// <exception cref="InvalidOperationException">Nothing was trained yet.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SaveModelCard(string path, ModelCardOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_trained is null)
        {
            throw new InvalidOperationException($"A model card describes a trained model: call {nameof(Train)} first.");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        bool isOfFolder = Path.GetFileName(path) == "README.md";
        string form = isOfFolder && File.Exists(Path.Combine(folder, "adapter_config.json")) ? "peft"
            : isOfFolder && File.Exists(Path.Combine(folder, "config.json")) ? "transformers"
            : "gguf";
        var card = new ModelCard(options ?? new ModelCardOptions(), _options, Configuration, _trained, _history.Steps, _best.Record, ParameterCount, form);
        using var file = new AtomicFile(path);
        file.Stream.Write(Encoding.UTF8.GetBytes(card.ToString()));
        file.Commit();
    }
}
