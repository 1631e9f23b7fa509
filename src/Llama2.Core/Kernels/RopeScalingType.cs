namespace Llama2;

/// <summary>A method of extending a model's context beyond the length that it was trained for.</summary>
public enum RopeScalingType
{
    /// <summary>No scaling: the positions are the same as in training.</summary>
    None,

    /// <summary>Position interpolation: all positions are divided by the factor (Chen et al. 2023, arXiv 2306.15595).</summary>
    Linear,

    /// <summary>
    /// The base of the frequencies is multiplied by factor^(d / (d − 2)), where d is the head length. The frequency of the fastest pair is unchanged,
    /// and that of the slowest pair is divided by the whole factor (bloc97 2023; Peng et al. 2023, arXiv 2309.00071, §3.1).
    /// </summary>
    NtkAware,

    /// <summary>
    /// Fast pairs keep their frequency, the frequency of slow pairs is divided by the factor, and attention is sharpened (YaRN, Peng et al. 2023,
    /// arXiv 2309.00071).
    /// </summary>
    Yarn,

    /// <summary>
    /// Like <see cref="NtkAware"/>, but the base is raised only as far as the context needs, and is not raised within the trained length (bloc97 and
    /// emozilla 2023; Peng et al. 2023, arXiv 2309.00071, §3.3). The base is computed for <see cref="ILlamaModel.ContextLength"/>, so that all tokens
    /// are rotated in the same way.
    /// </summary>
    DynamicNtk,
}
