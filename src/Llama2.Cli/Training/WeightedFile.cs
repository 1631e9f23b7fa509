using System.Globalization;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>A file of training data and its weight, written as <c>FILE</c> or <c>FILE=2</c>.</summary>
/// <param name="Path">The file.</param>
/// <param name="Weight">How often its records are used in an epoch.</param>
internal sealed record WeightedFile(string Path, double Weight)
{
    /// <summary>Reads a file and its weight. If a file has the whole text as its name, it has the weight 1.</summary>
    /// <exception cref="CommandException">The weight is not a number in its range.</exception>
    public static WeightedFile Parse(string text)
    {
        int index = text.LastIndexOf('=');
        if (index < 0 || System.IO.Path.Exists(text))
        {
            return new WeightedFile(text, 1);
        }

        return double.TryParse(text.AsSpan(index + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double weight) && weight is > 0 and <= TrainingDataset.MaxWeight
            ? new WeightedFile(text[..index], weight)
            : throw new CommandException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{PrintableText.Shorten(text, 80)}': the weight '{PrintableText.Shorten(text[(index + 1)..], 40)}' is not a number above 0 and at most {TrainingDataset.MaxWeight:N0}; write FILE or FILE=2."));
    }
}
