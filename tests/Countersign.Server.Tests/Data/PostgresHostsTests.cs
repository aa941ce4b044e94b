using Countersign.Server.Data;

namespace Countersign.Server.Tests.Data;

/// <summary>What is added to the operator's connection string, so that nodes find the promoted host soon.</summary>
public sealed class PostgresHostsTests
{
    [Fact]
    public void With_several_hosts_the_primary_is_looked_for_within_four_seconds()
    {
        var hosts = PostgresHosts.WithFailOver("Host=one,two;Database=countersign");

        Assert.Equal("primary", hosts.TargetSessionAttributes);
        Assert.InRange(hosts.HostRecheckSeconds + hosts.Timeout, 2, 4);
        Assert.Equal(("one,two", "countersign"), (hosts.Host, hosts.Database));
    }

    [Theory]
    [InlineData("Host=one,two;Host Recheck Seconds=7;Timeout=11;Target Session Attributes=any")]
    [InlineData("host=one,two;HostRecheckSeconds=7;TIMEOUT=11;TargetSessionAttributes=any")]
    public void What_the_operator_says_stays(string connection)
    {
        var hosts = PostgresHosts.WithFailOver(connection);

        Assert.Equal((7, 11, "any"), (hosts.HostRecheckSeconds, hosts.Timeout, hosts.TargetSessionAttributes));
    }

    [Fact]
    public void One_host_is_left_as_it_is()
    {
        var host = PostgresHosts.WithFailOver("Host=one;Database=countersign");

        Assert.Equal("Host=one;Database=countersign", host.ConnectionString);
    }
}
