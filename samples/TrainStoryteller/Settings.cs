using System.Globalization;

namespace TrainStoryteller;

/// <summary>The settings that the command line states.</summary>
internal sealed record Settings
{
    public const string Usage =
        """
        usage: TrainStoryteller [folder]                 trains the model; default folder: ./storyteller
               TrainStoryteller examine model.gguf ...   asks models questions, and counts the right answers
          --seed N       seed of the texts and the initial weights (1)
          --steps N      training steps of 2,048 tokens (25000), before a tenth as many of the second training
          --documents N  documents from which the vocabulary is learned (20000)
          --questions N  questions that each model is asked (1000)
          --threads N    threads; the result does not depend on their number (one for each core)
        """;

    public string Folder { get; init; } = "storyteller";

    public IReadOnlyList<string> ModelsToExamine { get; init; } = [];

    public int Seed { get; init; } = 1;

    public int StepCount { get; init; } = 25_000;

    public int VocabularyDocumentCount { get; init; } = 20_000;

    public int QuestionCount { get; init; } = 1000;

    public int? ThreadCount { get; init; }

    /// <exception cref="FormatException">An argument is unknown or malformed.</exception>
    public static Settings Parse(string[] args)
    {
        var settings = new Settings();
        List<string> paths = [];
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--seed": settings = settings with { Seed = Number(args, ++i, 0) }; break;
                case "--steps": settings = settings with { StepCount = Number(args, ++i, 1) }; break;
                case "--documents": settings = settings with { VocabularyDocumentCount = Number(args, ++i, 1) }; break;
                case "--questions": settings = settings with { QuestionCount = Number(args, ++i, 1) }; break;
                case "--threads": settings = settings with { ThreadCount = Number(args, ++i, 1) }; break;
                case ['-', ..]: throw new FormatException($"'{args[i]}' is not an option.");
                default: paths.Add(args[i]); break;
            }
        }

        return paths switch
        {
            ["examine", _, ..] => settings with { ModelsToExamine = paths[1..] },
            [] => settings,
            [var folder] when folder != "examine" => settings with { Folder = folder },
            _ => throw new FormatException("Name one folder, or 'examine' and models."),
        };
    }

    private static int Number(string[] args, int index, int minimum) =>
        index < args.Length && int.TryParse(args[index], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= minimum
            ? number
            : throw new FormatException($"'{args[index - 1]}' needs a number, {minimum} or more.");
}
