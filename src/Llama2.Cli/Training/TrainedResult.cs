using Llama2.Cli.Terminal;
using Llama2.Formats;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>Writes the result of <c>llama2 train</c> in the requested form.</summary>
/// <param name="trainer">The trainer.</param>
/// <param name="isWholeModel">Whether all weights were trained; otherwise an adapter was trained.</param>
/// <param name="type">The format of the weights of a whole or merged model. Null if an adapter is written, or a whole model whose weights are not converted.</param>
/// <param name="allowRequantize">Whether a merge may quantize matrices that were already quantized.</param>
internal sealed class TrainedResult(LlamaTrainer trainer, bool isWholeModel, ModelQuantization? type, bool allowRequantize)
{
    /// <summary>
    /// Writes the result. If it cannot be written to its target, it is written to the folder for temporary files, so that hours of training are not
    /// lost.
    /// </summary>
    /// <exception cref="CommandException">
    /// The result could not be written to its target; the message names the temporary file, or states that this file could not be written either.
    /// </exception>
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
            trainer.SaveMergedModel(path, type, allowRequantize, cancellationToken: cancellationToken);
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
