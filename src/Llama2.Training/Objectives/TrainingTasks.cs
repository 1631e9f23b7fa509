using static System.FormattableString;

namespace Llama2.Training.Objectives;

/// <summary>Chooses the objective of data.</summary>
internal static class TrainingTasks
{
    /// <exception cref="ArgumentException">The data are not those from which the method learns, or a sample is malformed.</exception>
    /// <exception cref="InvalidOperationException">A reference model is needed, but was not kept when the model was opened.</exception>
    public static ITrainingTask Create(TrainingDataset data, TrainingOptions options, ModelConfiguration shape)
    {
        bool isRated = data.IsRated;
        if (data.Samples.Any(sample => sample.IsDesirable is not null != isRated))
        {
            throw new ArgumentException($"Some samples are rated and others are not: set {nameof(TrainingSample)}.{nameof(TrainingSample.IsDesirable)} of all samples, or of none.", nameof(data));
        }

        if (data.Pairs.Count == 0 && !isRated)
        {
            return options.Preference is not { } unused
                ? new SupervisedTask(data.Samples, shape.VocabularySize)
                : throw new ArgumentException($"The data have samples without preferences, from which {unused.Method} cannot learn: give pairs or rated answers, or no method of preferences ({nameof(TrainingOptions)}.{nameof(TrainingOptions.Preference)}, --method).", nameof(data));
        }

        PreferenceOptions preference = options.Preference ?? new PreferenceOptions();
        if (isRated && preference.Method != PreferenceMethod.Kto)
        {
            throw new ArgumentException($"The samples are rated, which only KTO uses: choose it ({nameof(TrainingOptions)}.{nameof(TrainingOptions.Preference)}, --method kto).", nameof(data));
        }

        if (preference.NeedsReference && options is { Lora: null, KeepsReference: false })
        {
            throw new InvalidOperationException($"{preference.Method} compares the model with itself before training, but all weights are trained, and no copy of them was kept: set {nameof(TrainingOptions)}.{nameof(TrainingOptions.Preference)} before the model is opened, train adapters, or use {nameof(PreferenceMethod.Orpo)} or {nameof(PreferenceMethod.SimPo)}.");
        }

        return preference.Method == PreferenceMethod.Kto
            ? new KtoTask(isRated ? data.Samples : [.. data.Pairs.SelectMany(Rated)], shape.VocabularySize, shape.ContextLength, preference)
            : RequireBatch(new PairTask(data.Pairs, shape.VocabularySize, preference), options.BatchTokenCount);
    }

    private static PairTask RequireBatch(PairTask task, int batchTokenCount)
    {
        int tooLong = Array.FindIndex(task.Lengths, length => length > batchTokenCount);
        return tooLong < 0 ? task : throw new ArgumentException(
            Invariant($"The two answers of pair {tooLong:N0} take {task.Lengths[tooLong]:N0} tokens together, with their prompts; a batch holds {batchTokenCount:N0}. Allow more ({nameof(TrainingOptions)}.{nameof(TrainingOptions.BatchTokenCount)}, --batch-tokens), or let such pairs be left out when the data are read ({nameof(DatasetOptions)}.{nameof(DatasetOptions.MaxPairLength)})."), nameof(task));
    }

    private static TrainingSample[] Rated(PreferencePair pair) => [pair.Chosen with { IsDesirable = true }, pair.Rejected with { IsDesirable = false }];
}
