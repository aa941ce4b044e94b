using Countersign.Server.Http;

namespace Countersign.Server.Features.Registry.Offices;

/// <summary>All locations of client services.</summary>
/// <param name="offices">As the operator listed them; none where there is no file.</param>
/// <param name="invented">Whether they are the demo's.</param>
internal sealed class OfficeDirectory(IReadOnlyList<Office> offices, bool invented)
{
    private const string DemoResource = "demo-offices.json";

    public IReadOnlyList<Office> Offices => offices;

    public bool Invented => invented;

    /// <summary>The operator's file; in demo mode, without one, invented locations.</summary>
    /// <exception cref="StartException">The file cannot be used.</exception>
    public static OfficeDirectory Load(string file, ServeMode mode)
    {
        if (file.Length > 0)
        {
            return new OfficeDirectory(ReadFile(file), invented: false);
        }

        return mode.Demo ? new OfficeDirectory(ReadDemo(), invented: true) : new OfficeDirectory([], invented: false);
    }

    /// <summary>The location that clients of a country call; null when none is named for it.</summary>
    public Office? For(string? country) => country is null ? null : offices.FirstOrDefault(o => o.IsFor(country));

    private static IReadOnlyList<Office> ReadFile(string file)
    {
        try
        {
            using var source = File.OpenRead(file);
            return OfficeFile.Read(ReadUpTo(source, OfficeFile.MaxBytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new StartException($"ClientServices:File: {file} cannot be used. {e.Message}");
        }
    }

    private static IReadOnlyList<Office> ReadDemo()
    {
        using var source = typeof(OfficeDirectory).Assembly.GetManifestResourceStream(typeof(OfficeDirectory), DemoResource)
            ?? throw new InvalidOperationException($"The program was built without {DemoResource}.");
        return OfficeFile.Read(ReadUpTo(source, OfficeFile.MaxBytes));
    }

    // The length is not asked for beforehand: a device or a growing file would lie about it.
    private static byte[] ReadUpTo(Stream source, int most)
    {
        var buffer = new byte[most + 1];
        var read = source.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return read <= most ? buffer[..read] : throw new InvalidDataException($"It has more than {most / 1024} KiB.");
    }
}
