namespace Llama2.Training;

/// <summary>Two answers to one conversation, one of which is preferred (Rafailov et al. 2023, arXiv 2305.18290).</summary>
/// <param name="Chosen">The conversation with the preferred answer.</param>
/// <param name="Rejected">The conversation with the answer that is not preferred.</param>
public sealed record PreferencePair(TrainingSample Chosen, TrainingSample Rejected);
