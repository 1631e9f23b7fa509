namespace Llama2.Training;

/// <summary>The methods by which a model learns which answers are preferred. Losses and rewards are those of Hugging Face's TRL.</summary>
public enum PreferenceMethod
{
    /// <summary>
    /// Direct preference optimization (Rafailov et al. 2023, arXiv 2305.18290, equation 7), with pairs: −ln σ(reward of the chosen answer − reward of the
    /// rejected answer). A reward is β times the gain in an answer's log-probability since the beginning of training.
    /// </summary>
    Dpo,

    /// <summary>
    /// Odds ratio preference optimization (Hong et al. 2024, arXiv 2403.07691, equation 6), with pairs and without a reference model: the mean of
    /// −ln(probability) over the tokens of the chosen answer, minus β · ln σ(difference of the log-odds of both answers). The odds are p / (1 − p), and
    /// p is the geometric mean of the probabilities of an answer's tokens.
    /// </summary>
    Orpo,

    /// <summary>
    /// Simple preference optimization (Meng et al. 2024, arXiv 2405.14734, equation 6), with pairs and without a reference model:
    /// −ln σ(reward of the chosen answer − reward of the rejected answer − γ). A reward is β times the mean log-probability of an answer's tokens.
    /// </summary>
    SimPo,

    /// <summary>
    /// Kahneman-Tversky optimization (Ethayarajh et al. 2024, arXiv 2402.01306, equation 8), with answers that are rated as desirable or undesirable;
    /// the answers of pairs count as both. The loss of a desirable answer is 1 − σ(reward − β · KL), that of an undesirable one 1 − σ(β · KL − reward).
    /// Rewards are those of DPO. KL estimates how far the model has moved away from the reference: the mean gain in log-probability of the step's
    /// answers, each after the prompt of the next sample of the step, or 0 if the mean is negative.
    /// </summary>
    Kto,
}
