using Llama2.Cli.Terminal;
using Llama2.Formats;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>Writes the result of <c>llama2 train</c> in the requested form.</summary>
/// <param name="trainer">The trainer.</param>
/// <param name="isWholeModel">Whether all weights were trained; otherwise an adapter was trained.</param>
/// <param name="type">The format of the weights of a whole or merged model. Null if an adapter is written, or a whole model whose weights are not converted.</param>
/// <param name="merge">How an adapter is merged, if <paramref name="type"/> is not null.</param>
/// <param name="originalPath">The model into which an adapter is merged; null for the model with which it was trained.</param>
internal sealed class TrainedResult(LlamaTrainer trainer, bool isWholeModel, ModelQuantization? type, AdapterMergeOptions merge, string? originalPath)
{
    /// <summary>
    /// Writes the result. If it cannot be written to its target, it is written to the folder for temporary files, and if an adapter cannot be merged,
    /// it is written as an adapter, so that hours of training are not lost.
    /// </summary>
    /// <exception cref="CommandException">
    /// The result could not be written to its target; the message names the temporary file, or states that this file could not be written either. Or
    /// the adapter could not be merged, for example because too little of its change would survive; then the message names the adapter's file.
    /// </exception>
    public void Save(string path, CancellationToken cancellationToken)
    {
        try
        {
            SaveOrElsewhere(path, target => SaveTo(target, cancellationToken));
        }
        catch (LlamaException exception) when (IsMerged)
        {
            string adapter = AdapterBeside(path);
            SaveOrElsewhere(adapter, target => trainer.SaveAdapter(target));
            throw new CommandException($"{ErrorSentence.Of(exception)} The trained adapter is in '{adapter}'; 'llama2 adapter merge' merges it in another way.", exception);
        }
    }

    /// <summary>Whether the result is the model with the adapter merged into it.</summary>
    public bool IsMerged => !isWholeModel && type is not null;

    /// <summary>How much of the adapter's change survived in a merged model; null before it is saved, and for other results.</summary>
    public AdapterMergeReport? Merged { get; private set; }

    // A name that no file has, so that nothing is replaced.
    private static string AdapterBeside(string path)
    {
        string stem = Path.ChangeExtension(Path.TrimEndingDirectorySeparator(path), null);
        return Enumerable.Range(1, 1000).Select(i => i == 1 ? $"{stem}-adapter.gguf" : $"{stem}-adapter-{i}.gguf").First(name => !Path.Exists(name));
    }

    private static void SaveOrElsewhere(string path, Action<string> save)
    {
        try
        {
            save(path);
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            string refuge = Path.Combine(Directory.CreateTempSubdirectory("llama2-train-").FullName, Path.GetFileName(Path.TrimEndingDirectorySeparator(path)));
            string end;
            try
            {
                save(refuge);
                end = $"The trained result is in '{refuge}' instead.";
            }
            catch (Exception other) when (DiskSpace.IsRefusal(other))
            {
                end = $"It could not be written to '{refuge}' either: {ErrorSentence.Of(other)}";
            }

            throw new CommandException($"{ErrorSentence.Of(exception)} {end}", exception);
        }
    }

    private void SaveTo(string path, CancellationToken cancellationToken)
    {
        if (isWholeModel)
        {
            trainer.SaveModel(path, type, cancellationToken: cancellationToken);
        }
        else if (type is not null)
        {
            Merged = trainer.SaveMergedModel(path, merge, originalPath, cancellationToken: cancellationToken);
        }
        else if (TrainingOutputs.IsGguf(path))
        {
            trainer.SaveAdapter(path);
        }
        else
        {
            trainer.SavePeftAdapter(path);
        }
    }
}
