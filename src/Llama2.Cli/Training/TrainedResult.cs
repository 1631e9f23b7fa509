using Llama2.Cli.Terminal;
using Llama2.Formats;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>What <c>llama2 train</c> has trained, in the form that was asked for.</summary>
/// <param name="trainer">What trained it.</param>
/// <param name="isWholeModel">Whether all weights were trained, and not an adapter.</param>
/// <param name="type">The weights' format of a whole or merged model; null for an adapter, or for a model as it is.</param>
/// <param name="allowRequantize">Whether a merge may quantize matrices again.</param>
internal sealed class TrainedResult(LlamaTrainer trainer, bool isWholeModel, ModelQuantization? type, bool allowRequantize)
{
    /// <summary>Writes it; after hours of training one that cannot be written to its place is written to the folder for temporary files.</summary>
    /// <exception cref="CommandException">It could not be written to its place; the message names the other, or says that it failed too.</exception>
    public void Save(string path, CancellationToken cancellationToken)
    {
        try
        {
            SaveTo(path, cancellationToken);
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            string refuge = Path.Combine(Directory.CreateTempSubdirectory("llama2-train-").FullName, Path.GetFileName(Path.TrimEndingDirectorySeparator(path)));
            string end;
            try
            {
                SaveTo(refuge, cancellationToken);
                end = $"What was trained is in '{refuge}' instead.";
            }
            catch (Exception other) when (DiskSpace.IsRefusal(other))
            {
                end = $"Nor could it be written to '{refuge}': {ErrorSentence.Of(other)}";
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
            trainer.SaveMergedModel(path, type, allowRequantize, cancellationToken);
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
