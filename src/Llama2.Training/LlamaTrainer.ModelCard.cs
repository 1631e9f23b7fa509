using System.Text;
using Llama2.Formats;
using Llama2.Training.Export;

namespace Llama2.Training;

public sealed partial class LlamaTrainer
{
    private TrainedData? _trained;

    /// <summary>
    /// Writes a model card in Markdown. It names the base model, and describes the training, the data and the results. Hugging Face's hub shows a
    /// card that is called <c>README.md</c> and is in a PEFT or safetensors folder. A card beside a GGUF file usually has the name of that file.
    /// </summary>
    /// <param name="path">The file to create or replace. A <c>README.md</c> describes the contents of its folder, which must be written first.</param>
    /// <param name="options">Information that the trainer does not have; null if the card should not contain such information.</param>
    /// <exception cref="InvalidOperationException">No step was trained yet.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
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
        var card = new ModelCard(options ?? new ModelCardOptions(), _options, _layout, Configuration, _trained, _history.Steps, _best.Record, ParameterCount, form);
        using var file = new AtomicFile(path);
        file.Stream.Write(Encoding.UTF8.GetBytes(card.ToString()));
        file.Commit();
    }
}
