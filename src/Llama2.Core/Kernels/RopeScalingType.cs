namespace Llama2;

/// <summary>A way to let a model look back on more tokens than it was trained for.</summary>
public enum RopeScalingType
{
    /// <summary>Positions as the model was trained.</summary>
    None,

    /// <summary>Position interpolation: all positions are divided by the factor (Chen et al. 2023, arXiv 2306.15595).</summary>
    Linear,

    /// <summary>
    /// The base of the frequencies grows by factor^(d / (d − 2)), d the head's length: the fastest pair turns as before, the slowest is slowed
    /// by the whole factor (bloc97 2023; Peng et al. 2023, arXiv 2309.00071, §3.1).
    /// </summary>
    NtkAware,

    /// <summary>Fast pairs turn as before, slow ones are slowed by the factor, and attention is sharpened (YaRN, Peng et al. 2023, arXiv 2309.00071).</summary>
    Yarn,

    /// <summary>
    /// <see cref="NtkAware"/>, but only as far as the context needs: without effect within the trained length (bloc97 and emozilla 2023; Peng et al.
    /// 2023, arXiv 2309.00071, §3.3). It is computed for <see cref="ILlamaModel.ContextLength"/>, so that all tokens are rotated in the same way.
    /// </summary>
    DynamicNtk,
}
